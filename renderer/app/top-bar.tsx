import { Keyboard, Search } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from '../ui/button.tsx';
import { Keys } from '../ui/keys.tsx';
import { EngineChip } from './engine-chip.tsx';
import { useStudioInfo } from './queries.ts';
import styles from './shell.module.css';
import { useWindow } from './window-model.ts';

interface TopBarProps {
  readonly title: string;
  /** What the screen puts beside its title. */
  readonly beside: ReactNode;
}

export function TopBar({ title, beside }: TopBarProps) {
  const { paletteOpen, sheetOpen } = useWindow();
  const info = useStudioInfo();
  return (
    <header className={styles.top}>
      <div className={styles.place}>
        <h1>{title}</h1>
        {beside ??
          (info && (
            <span className={styles.library} data-tip={`Your library: ${info.libraryFolder}`}>
              {folderName(info.libraryFolder)}
            </span>
          ))}
      </div>
      <button
        type="button"
        className={styles.paletteField}
        aria-haspopup="dialog"
        onClick={() => paletteOpen.set(true)}
      >
        <Search aria-hidden />
        Search or run a command
        <Keys keys="mod+k" />
      </button>
      <div className={styles.end}>
        <IconButton
          icon={Keyboard}
          label="Keyboard shortcuts"
          tip="Lists every keyboard shortcut (?)"
          onClick={() => sheetOpen.set(true)}
        />
        <EngineChip />
      </div>
    </header>
  );
}

function folderName(path: string): string {
  return path.split(/[/\\]/).findLast((part) => part !== '') ?? path;
}
