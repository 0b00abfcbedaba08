import { Fragment, useMemo } from 'react';
import { markdownBlocks, type Block, type Inline } from './markdown-blocks.ts';
import styles from './markdown.module.css';

/** A model card. Links are shown with their address and lead nowhere: the program is offline. */
export function Markdown({ text }: { readonly text: string }) {
  const blocks = useMemo(() => markdownBlocks(text), [text]);
  return (
    <div className={styles.markdown} data-selectable>
      {blocks.map((block, index) => (
        <BlockView key={index} block={block} />
      ))}
    </div>
  );
}

function BlockView({ block }: { readonly block: Block }) {
  switch (block.kind) {
    case 'heading': {
      const Heading = block.level <= 1 ? 'h3' : 'h4';
      return (
        <Heading>
          <Inlines inlines={block.inlines} />
        </Heading>
      );
    }
    case 'paragraph':
      return (
        <p>
          <Inlines inlines={block.inlines} />
        </p>
      );
    case 'quote':
      return (
        <blockquote>
          <Inlines inlines={block.inlines} />
        </blockquote>
      );
    case 'list': {
      const List = block.ordered ? 'ol' : 'ul';
      return (
        <List>
          {block.items.map((inlines, index) => (
            <li key={index}>
              <Inlines inlines={inlines} />
            </li>
          ))}
        </List>
      );
    }
    case 'code':
      return (
        <pre tabIndex={0} aria-label="Code">
          {block.text}
        </pre>
      );
    case 'table':
      return (
        <table>
          <thead>
            <tr>
              {block.head.map((inlines, index) => (
                <th key={index}>
                  <Inlines inlines={inlines} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {block.rows.map((row, rowIndex) => (
              <tr key={rowIndex}>
                {row.map((inlines, index) => (
                  <td key={index}>
                    <Inlines inlines={inlines} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      );
    case 'rule':
      return <hr />;
    default:
      return block satisfies never;
  }
}

function Inlines({ inlines }: { readonly inlines: readonly Inline[] }) {
  return inlines.map((inline, index) => <Fragment key={index}>{inlineView(inline)}</Fragment>);
}

function inlineView(inline: Inline): React.ReactNode {
  switch (inline.kind) {
    case 'text':
      return inline.text;
    case 'code':
      return <code>{inline.text}</code>;
    case 'strong':
      return <strong>{inline.text}</strong>;
    case 'emphasis':
      return <em>{inline.text}</em>;
    case 'link':
      return <span data-tip={inline.address}>{inline.text}</span>;
    default:
      return inline satisfies never;
  }
}
