/** The dialog that lies over the desk, if one does. */
import type { Project } from '../../../contract/projects.ts';
import { useStore } from '../../app/store.ts';
import { useWindow } from '../../app/window-model.ts';
import { ContextDialog } from './context/context-dialog.tsx';
import { CardDialog } from './files/card-dialog.tsx';
import { ExportDialog } from './files/export-dialog.tsx';
import { PictureDialog } from './files/picture-dialog.tsx';
import type { SceneSession } from './session/scene-session.ts';

interface DeskDialogsProps {
  readonly session: SceneSession;
  readonly project: Project;
}

export function DeskDialogs({ session, project }: DeskDialogsProps) {
  const { desk } = useWindow();
  const dialog = useStore(desk.dialog);
  if (dialog === null) return null;
  const close = () => desk.dialog.set(null);
  switch (dialog.kind) {
    case 'context':
      return <ContextDialog session={session} onClose={close} />;
    case 'export':
      return <ExportDialog project={project} onClose={close} />;
    case 'picture':
      return <PictureDialog session={session} onClose={close} />;
    case 'card':
      return <CardDialog session={session} opened={dialog} onClose={close} />;
    default:
      return dialog satisfies never;
  }
}
