/** Adapters of a draft: added, changed, switched off and on, removed. Pure. */
import { ControlUse, LoraUse } from '../../../contract/image-options.ts';
import { changeOptions, type CreateDraft } from './create-draft.ts';

/** A LoRA that is there already is switched on. */
export function addLora(draft: CreateDraft, id: string): CreateDraft {
  if (draft.options.loras.some((use) => use.id === id)) return switchLora(draft, id, true);
  return changeOptions(draft, { loras: [...draft.options.loras, LoraUse.parse({ id })] });
}

/** Both weights go together until they were set apart. */
export function changeLora(draft: CreateDraft, id: string, change: Partial<LoraUse>): CreateDraft {
  const loras = draft.options.loras.map((use) => {
    if (use.id !== id) return use;
    const follows = use.textWeight === use.unetWeight && change.unetWeight !== undefined;
    return { ...use, ...(follows ? { textWeight: change.unetWeight } : {}), ...change };
  });
  return changeOptions(draft, { loras });
}

export function switchLora(draft: CreateDraft, id: string, isOn: boolean): CreateDraft {
  const others = draft.off.loras.filter((known) => known !== id);
  return { ...draft, off: { ...draft.off, loras: isOn ? others : [...others, id] } };
}

export function removeLora(draft: CreateDraft, id: string): CreateDraft {
  const loras = draft.options.loras.filter((use) => use.id !== id);
  return changeOptions(switchLora(draft, id, true), { loras });
}

export function addControl(draft: CreateDraft, id: string, picture: string): CreateDraft {
  const controls = [...draft.options.controls, ControlUse.parse({ id, picture })];
  return changeOptions(draft, { controls });
}

export function changeControl(
  draft: CreateDraft,
  index: number,
  change: Partial<ControlUse>,
): CreateDraft {
  const controls = draft.options.controls.map((use, i) =>
    i === index ? { ...use, ...change } : use,
  );
  return changeOptions(draft, { controls });
}

export function switchControl(draft: CreateDraft, index: number, isOn: boolean): CreateDraft {
  const others = draft.off.controls.filter((known) => known !== index);
  return { ...draft, off: { ...draft.off, controls: isOn ? others : [...others, index] } };
}

export function removeControl(draft: CreateDraft, index: number): CreateDraft {
  const controls = draft.options.controls.filter((_, i) => i !== index);
  const off = draft.off.controls
    .filter((known) => known !== index)
    .map((known) => (known > index ? known - 1 : known));
  return changeOptions({ ...draft, off: { ...draft.off, controls: off } }, { controls });
}
