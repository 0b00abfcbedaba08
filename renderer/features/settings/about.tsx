import type { StudioInfo } from '../../../contract/system.ts';
import styles from './settings-screen.module.css';

const credits: readonly { readonly name: string; readonly terms: string }[] = [
  {
    name: 'Fluent Emoji',
    terms: '© Microsoft Corporation, MIT licence. The image model learned from it.',
  },
  { name: 'Noto Emoji', terms: '© Google, Apache License 2.0. The image model learned from it.' },
  {
    name: 'Dungeon Crawl Stone Soup tiles',
    terms: 'By its artists, CC0 1.0. The image model learned from them.',
  },
  {
    name: 'USDA Pomological Watercolor Collection',
    terms:
      'Special Collections, National Agricultural Library; public domain. The image model learned from it.',
  },
  { name: 'Standard Ebooks', terms: 'CC0 1.0. The text model learned from its books.' },
  { name: 'ONNX Runtime', terms: '© Microsoft Corporation, MIT licence. It runs the models.' },
  { name: 'Inter', terms: '© The Inter Project Authors, SIL Open Font License 1.1.' },
  { name: 'Source Serif 4', terms: '© Adobe, SIL Open Font License 1.1.' },
];

export function About({ info }: { readonly info: StudioInfo | undefined }) {
  return (
    <div className={styles.about}>
      <p>
        Atelier {info?.version} · MIT licence. It works on this machine alone: no account, no
        network, no tracking.
      </p>
      {info && (
        <p data-selectable>
          ONNX Runtime {info.onnxruntimeVersion} · Node {info.nodeVersion} · {info.platform} ·{' '}
          {info.host}
        </p>
      )}
      <dl>
        {credits.map(({ name, terms }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{terms}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
