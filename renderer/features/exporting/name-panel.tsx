/** How exported files are called. */
import { Plus } from 'lucide-react';
import { useRef, useState } from 'react';
import {
  defaultNameTemplate,
  type ExportCapabilities,
  type ExportProblem,
} from '../../../contract/exports.ts';
import { Button } from '../../ui/button.tsx';
import { Segments } from '../../ui/field.tsx';
import { MenuItem, Popover } from '../../ui/popover.tsx';
import { Section } from '../../ui/section.tsx';
import { TextField } from '../../ui/text-field.tsx';
import styles from './export-dialog.module.css';
import type { PanelProps } from './look-panels.tsx';

interface NamePanelProps extends PanelProps {
  readonly tokens: ExportCapabilities['tokens'];
  readonly problems: readonly ExportProblem[];
}

export function NamePanel({ settings, onChange, tokens, problems }: NamePanelProps) {
  const input = useRef<HTMLInputElement>(null);
  const [isOpen, setIsOpen] = useState(false);
  const problem = problems.find(({ field, severity }) => field === 'name' && severity === 'error');

  const insert = (token: string) => {
    const element = input.current;
    const start = element?.selectionStart ?? settings.name.length;
    const end = element?.selectionEnd ?? start;
    onChange({ name: settings.name.slice(0, start) + token + settings.name.slice(end) });
    setIsOpen(false);
    requestAnimationFrame(() => {
      element?.focus();
      element?.setSelectionRange(start + token.length, start + token.length);
    });
  };

  return (
    <Section title="Names" summary={settings.name}>
      <TextField
        ref={input}
        label="Name of each file"
        tip="Words in braces are filled in from each picture; / makes folders."
        stacked
        mono
        value={settings.name}
        maxLength={1000}
        error={problem ? `${problem.message} ${problem.remedy}` : null}
        onChange={(name) => onChange({ name })}
      />
      <div className={styles.tokenRow}>
        <Popover
          open={isOpen}
          onClose={() => setIsOpen(false)}
          label="What can be filled in"
          align="start"
          role="menu"
          button={
            <Button
              icon={Plus}
              variant="quiet"
              aria-expanded={isOpen}
              aria-haspopup="menu"
              tip="Puts something of the picture into the name"
              onClick={() => setIsOpen((open) => !open)}
            >
              Fill in
            </Button>
          }
        >
          <div className={styles.tokens}>
            {tokens.map(({ token, title, example }) => (
              <MenuItem key={token} onSelect={() => insert(token)}>
                <span className={styles.token}>
                  {title}
                  <code>{example}</code>
                </span>
              </MenuItem>
            ))}
          </div>
        </Popover>
        {settings.name !== defaultNameTemplate && (
          <Button
            variant="quiet"
            tip="Goes back to the usual names"
            onClick={() => onChange({ name: defaultNameTemplate })}
          >
            Usual name
          </Button>
        )}
      </div>
      <div className={styles.labelled}>
        <span>Where a name is taken</span>
        <Segments
          label="Where a name is taken"
          tip="Nothing is ever replaced unless you choose it here."
          value={settings.whenTaken}
          options={[
            { value: 'number', label: 'Number it' },
            { value: 'skip', label: 'Leave it out' },
            { value: 'replace', label: 'Replace' },
          ]}
          onChange={(whenTaken) => onChange({ whenTaken })}
        />
      </div>
    </Section>
  );
}
