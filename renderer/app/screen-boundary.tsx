/** Keeps a mistake in one screen from taking the others down. */
import { TriangleAlert } from 'lucide-react';
import { Component, type ReactNode } from 'react';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';

interface ScreenBoundaryProps {
  readonly title: string;
  readonly children: ReactNode;
}

export class ScreenBoundary extends Component<ScreenBoundaryProps, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <EmptyState
        icon={TriangleAlert}
        title={`${this.props.title} could not be drawn`}
        action={
          <span>
            <Button variant="primary" onClick={() => this.setState({ error: null })}>
              Draw it again
            </Button>{' '}
            <Button
              onClick={() => void navigator.clipboard.writeText(error.stack ?? error.message)}
            >
              Copy details
            </Button>
          </span>
        }
      >
        Your pictures, drafts and the queue are safe, and the other screens still work.{' '}
        {error.message}
      </EmptyState>
    );
  }
}
