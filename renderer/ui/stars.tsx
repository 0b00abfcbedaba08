import { Star } from 'lucide-react';
import styles from './stars.module.css';

interface StarsProps {
  readonly rating: number;
  readonly onChange: (rating: number) => void;
  readonly label: string;
}

/** Five stars; pressing the current one takes the rating away. */
export function Stars({ rating, onChange, label }: StarsProps) {
  return (
    <div role="group" aria-label={`${label}: ${rating} of 5`} className={styles.stars}>
      {[1, 2, 3, 4, 5].map((star) => (
        <button
          key={star}
          type="button"
          aria-label={`${star} ${star === 1 ? 'star' : 'stars'}`}
          aria-pressed={star === rating}
          data-filled={star <= rating ? '' : undefined}
          onClick={() => onChange(star === rating ? 0 : star)}
        >
          <Star aria-hidden />
        </button>
      ))}
    </div>
  );
}
