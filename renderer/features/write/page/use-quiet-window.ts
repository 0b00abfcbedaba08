/** Takes everything but the screen itself out of the window. */
import { useEffect } from 'react';
import './quiet-window.css';

export function useQuietWindow(isQuiet: boolean): void {
  useEffect(() => {
    if (!isQuiet) return;
    document.documentElement.dataset['quiet'] = '';
    return () => {
      delete document.documentElement.dataset['quiet'];
    };
  }, [isQuiet]);
}
