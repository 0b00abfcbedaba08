/** Page or chat: two views of one desk. */
import { MessagesSquare, PenLine } from 'lucide-react';
import { useStore } from '../../../app/store.ts';
import { useWindow } from '../../../app/window-model.ts';
import { Segments } from '../../../ui/field.tsx';

export function ViewSwitch() {
  const { chats } = useWindow();
  const { view } = useStore(chats.settings);
  return (
    <Segments
      label="View"
      tip="Writes on a page, or talks with the model about it"
      value={view}
      options={[
        { value: 'page', label: 'Page', icon: PenLine },
        { value: 'chat', label: 'Chat', icon: MessagesSquare },
      ]}
      onChange={(next) => chats.settings.set((now) => ({ ...now, view: next }))}
    />
  );
}
