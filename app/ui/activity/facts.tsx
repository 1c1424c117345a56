import { Link, Text } from '@shopify/polaris'
import { Unbroken } from './unbroken.tsx'

const ROW = {
  display: 'flex',
  flexWrap: 'wrap',
  justifyContent: 'space-between',
  columnGap: '1rem',
  paddingBlockEnd: '0.25rem',
} as const

/** `url`: where more of it is, which `told` says in words. */
type Fact = { name: string; value: string } | { name: string; value: string; url: string; told: string }

/** What is known, by name: side by side where both fit, else below each other. */
export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl style={{ margin: 0 }}>
      {facts.map(fact => (
        <div key={fact.name} style={ROW}>
          <dt>
            <Text as="span" tone="subdued">
              {fact.name}
            </Text>
          </dt>
          <dd style={{ margin: 0, overflowWrap: 'anywhere' }}>
            {'url' in fact ? (
              <Link url={fact.url} accessibilityLabel={fact.told}>
                {fact.value}
              </Link>
            ) : (
              <Unbroken text={fact.value} />
            )}
          </dd>
        </div>
      ))}
    </dl>
  )
}
