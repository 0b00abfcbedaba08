import type { LucideIcon } from 'lucide-react';
import type { ButtonHTMLAttributes, Ref } from 'react';
import styles from './button.module.css';
import { classNames } from './class-names.ts';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly variant?: 'plain' | 'primary' | 'quiet' | 'danger';
  readonly large?: boolean;
  readonly icon?: LucideIcon;
  /** What it does, in a sentence: shown on hover and focus, and read out. */
  readonly tip?: string;
  readonly ref?: Ref<HTMLButtonElement>;
}

export function Button({
  variant = 'plain',
  large,
  icon: Icon,
  tip,
  className,
  children,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      className={classNames(
        styles.button,
        variant !== 'plain' && styles[variant],
        large && styles.large,
        className,
      )}
      data-tip={tip}
      aria-description={tip}
      {...rest}
    >
      {Icon && <Icon aria-hidden />}
      {children}
    </button>
  );
}

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly icon: LucideIcon;
  /** Its name for screen readers, and its tooltip unless `tip` says more. */
  readonly label: string;
  readonly tip?: string;
  readonly variant?: 'plain' | 'quiet';
  readonly ref?: Ref<HTMLButtonElement>;
}

export function IconButton({
  icon: Icon,
  label,
  tip,
  variant = 'quiet',
  className,
  ...rest
}: IconButtonProps) {
  return (
    <button
      type="button"
      className={classNames(
        styles.button,
        styles.icon,
        variant === 'quiet' && styles.quiet,
        className,
      )}
      aria-label={label}
      data-tip={tip ?? label}
      aria-description={tip}
      {...rest}
    >
      <Icon aria-hidden />
    </button>
  );
}
