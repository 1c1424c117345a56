import { Text } from '@shopify/polaris'

const BOX = {
  maxHeight: '20rem',
  overflow: 'auto',
  padding: '0.75rem',
  margin: '0.5rem 0 0',
  background: 'var(--p-color-bg-surface-secondary)',
  borderRadius: 'var(--p-border-radius-200)',
  font: 'var(--p-font-size-300)/1.5 var(--p-font-family-mono)',
  whiteSpace: 'pre-wrap',
  overflowWrap: 'anywhere',
} as const

type Props = {
  label: string
  /** What it is of, where the page has others by the same label. */
  of?: string
  text: string
}

/** What was sent, kept or answered, closed until somebody wants it; it scrolls within itself, by keyboard too. */
export function JsonText({ label, of, text }: Props) {
  return (
    <details>
      <summary style={{ cursor: 'pointer' }}>
        <Text as="span" variant="bodySm">
          {label}
        </Text>
      </summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section style={BOX} tabIndex={0} aria-label={of ? `${label}: ${of}` : label} translate="no">
        {text}
      </section>
    </details>
  )
}
