import { BlockStack, ChoiceList, Text } from '@shopify/polaris'
import { useSay } from '../i18n.ts'

type Props = {
  id: string
  title: string
  help?: string | undefined
  options: readonly string[]
  /** What the options are called, by option. */
  names: Readonly<Record<string, string>>
  /** "a, b" */
  value: string
  error?: string | undefined
  disabled: boolean
  onChange(value: string): void
}

/** Any of a list. */
export function Choices({ id, title, help, options, names, value, error, disabled, onChange }: Props) {
  const say = useSay()
  return (
    // Named by what it groups: an address may lead here.
    <div className="choices" id={id} tabIndex={-1}>
      <style>{IN_COLUMNS}</style>
      <ChoiceList
        allowMultiple
        title={<Title title={title} help={help} />}
        choices={options.map(option => ({ value: option, label: say(names[option] ?? option) }))}
        selected={value.split(', ').filter(Boolean)}
        onChange={chosen => onChange(options.filter(option => chosen.includes(option)).join(', '))}
        disabled={disabled}
        {...(error && { error: say(error) })}
      />
    </div>
  )
}

function Title({ title, help }: Pick<Props, 'title' | 'help'>) {
  return help ? (
    <BlockStack gap="050">
      {title}
      <Text as="span" tone="subdued">
        {help}
      </Text>
    </BlockStack>
  ) : (
    title
  )
}

/** Dozens of short names below each other would hide what comes after them. */
const IN_COLUMNS =
  '.choices ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(10.5rem, 1fr)); column-gap: var(--p-space-400) }'
