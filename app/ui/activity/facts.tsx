import { Text } from '@shopify/polaris'

const ROW = {
  display: 'flex',
  flexWrap: 'wrap',
  justifyContent: 'space-between',
  columnGap: '1rem',
  paddingBlockEnd: '0.25rem',
} as const

/** What is known, by name: side by side where both fit, else below each other. */
export function Facts({ facts }: { facts: readonly { name: string; value: string }[] }) {
  return (
    <dl style={{ margin: 0 }}>
      {facts.map(({ name, value }) => (
        <div key={name} style={ROW}>
          <dt>
            <Text as="span" tone="subdued">
              {name}
            </Text>
          </dt>
          <dd style={{ margin: 0, overflowWrap: 'anywhere' }}>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
