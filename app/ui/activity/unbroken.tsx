const MASKED = /(\S…@\S+)/

/** Whole, where there is room for it in a line. */
const WHOLE = { display: 'inline-block', maxWidth: '100%' } as const

/** A text whose masked addresses ("j…@example.com") are not broken behind their ellipsis, as browsers do. */
export function Unbroken({ text }: { text: string }) {
  return text.split(MASKED).map((part, place) =>
    MASKED.test(part) ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text, which never move
      <span key={place} style={WHOLE}>
        {part}
      </span>
    ) : (
      part
    ),
  )
}
