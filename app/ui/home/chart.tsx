/**
 * Numbers by day as stacked bars. Bars are told apart by colour and by pattern; what is drawn is also said in words for the day that is
 * pointed at, touched, or chosen with the arrow keys, and stands in the table behind the chart.
 */
import { BlockStack, InlineStack, Text } from '@shopify/polaris'
import { type KeyboardEvent, type PointerEvent, useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { topOf } from './scale.ts'
import { useFormats } from './words.ts'

/** `look`: which colour and pattern, the same for a tool in every period. */
export type Bars = { name: string; look: number; values: number[] }
type Props = { label: string; days: string[]; bars: Bars[] }

/** Each has a contrast of 4.5 or more on white. */
const COLOURS = ['#1f5fbf', '#b4430a', '#0b7268', '#7a2bc4'] as const
/** White lines over the colour, as a path in a square of 6 pixels. The first has none. */
const PATTERNS = ['', 'M-1,7 L7,-1', 'M0,3 H6', 'M3,0 V6'] as const
const HEIGHT = 200
const LOOKS = COLOURS.flatMap((_, row) => PATTERNS.map((_, column) => row * PATTERNS.length + column))
/** Of a day's width. */
const BAR = 0.7

export function Chart({ label, days, bars }: Props) {
  const { t } = useTranslation()
  const { number, day: dayText } = useFormats()
  const id = useId().replaceAll(':', '')
  const plot = useRef<SVGSVGElement>(null)
  const [chosen, setChosen] = useState<number | null>(null)
  const shown = chosen ?? days.length - 1
  const totals = days.map((_, index) => bars.reduce((sum, { values }) => sum + (values[index] ?? 0), 0))
  const top = topOf(Math.max(0, ...totals))
  const width = 100 / days.length
  const words = (index: number) => {
    const parts = bars.map(({ name, values }) => `${name} ${number(values[index] ?? 0)}`)
    return `${dayText(days[index] ?? '')}: ${parts.join(' · ')}`
  }
  function onPointer({ clientX }: PointerEvent) {
    const { left = 0, width: wide = 1 } = plot.current?.getBoundingClientRect() ?? {}
    const index = Math.floor(((clientX - left) / wide) * days.length)
    setChosen(index >= 0 && index < days.length ? index : null)
  }
  function onKeyDown(event: KeyboardEvent) {
    const last = days.length - 1
    const to = {
      ArrowLeft: Math.max(0, shown - 1),
      ArrowRight: Math.min(last, shown + 1),
      Home: 0,
      End: last,
    }[event.key]
    if (to === undefined) return
    event.preventDefault()
    setChosen(to)
  }
  return (
    <BlockStack gap="200">
      <div
        role="slider"
        aria-label={label}
        aria-valuemin={1}
        aria-valuemax={days.length}
        aria-valuenow={shown + 1}
        aria-valuetext={words(shown)}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onPointerMove={onPointer}
        onPointerDown={onPointer}
        onPointerLeave={() => setChosen(null)}
      >
        <div style={{ display: 'flex', gap: 8 }}>
          <Axis height={HEIGHT} ticks={[top, top / 2, 0].map(number)} />
          <svg
            ref={plot}
            width="100%"
            height={HEIGHT}
            aria-hidden="true"
            style={{ display: 'block', margin: '10px 0' }}
          >
            <Looks id={id} />
            {[0, 0.5, 1].map(part => (
              <line key={part} x1="0" x2="100%" y1={part * HEIGHT} y2={part * HEIGHT} stroke="#d4d4d4" />
            ))}
            {chosen !== null && (
              <rect x={`${chosen * width}%`} width={`${width}%`} height={HEIGHT} fill="#00000014" />
            )}
            {days.map((day, index) => (
              <Stack key={day} bars={bars} index={index} x={index * width} width={width} top={top} id={id} />
            ))}
          </svg>
        </div>
        <div aria-hidden="true" style={{ display: 'flex', justifyContent: 'space-between', paddingLeft: 48 }}>
          {[days[0], days[Math.floor((days.length - 1) / 2)], days.at(-1)].map(day => (
            <Text key={day} as="span" variant="bodySm" tone="subdued">
              {dayText(day ?? '')}
            </Text>
          ))}
        </div>
      </div>
      <Legend bars={bars} id={id} />
      <Text as="p" variant="bodySm" tone={chosen === null ? 'subdued' : undefined}>
        {chosen === null ? t('home.chart.point') : words(chosen)}
      </Text>
    </BlockStack>
  )
}

type StackProps = { bars: Bars[]; index: number; x: number; width: number; top: number; id: string }

/** One day's bars on each other, with a gap of a pixel. What is little is still to be seen. */
function Stack({ bars, index, x, width, top, id }: StackProps) {
  let from = HEIGHT
  return bars.map(({ name, look, values }) => {
    const value = values[index] ?? 0
    if (value === 0) return null
    const height = Math.max(2, (value / top) * HEIGHT)
    from -= height
    return (
      <rect
        key={name}
        x={`${x + (width * (1 - BAR)) / 2}%`}
        width={`${width * BAR}%`}
        y={from}
        height={Math.max(1, height - 1)}
        fill={fillOf(id, look)}
      />
    )
  })
}

function Axis({ ticks, height }: { ticks: string[]; height: number }) {
  return (
    <div
      aria-hidden="true"
      style={{
        ...{ display: 'flex', flexDirection: 'column', justifyContent: 'space-between' },
        ...{ width: 40, flex: 'none', height: height + 20, textAlign: 'right' },
      }}
    >
      {ticks.map(tick => (
        <Text key={tick} as="span" variant="bodySm" tone="subdued">
          {tick}
        </Text>
      ))}
    </div>
  )
}

function Legend({ bars, id }: { bars: Bars[]; id: string }) {
  return (
    <InlineStack gap="400">
      {bars.map(({ name, look }) => (
        <InlineStack key={name} gap="100" blockAlign="center">
          <svg width="16" height="16" aria-hidden="true">
            <rect width="16" height="16" rx="3" fill={fillOf(id, look)} />
          </svg>
          <Text as="span" variant="bodySm">
            {name}
          </Text>
        </InlineStack>
      ))}
    </InlineStack>
  )
}

const fillOf = (id: string, look: number) => `url(#${id}-${look % LOOKS.length})`

/** Tools that share a colour have another pattern. */
function Looks({ id }: { id: string }) {
  return (
    <defs>
      {LOOKS.map(look => {
        const pattern = PATTERNS[(look + Math.floor(look / COLOURS.length)) % PATTERNS.length]
        return (
          <pattern key={look} id={`${id}-${look}`} width="6" height="6" patternUnits="userSpaceOnUse">
            <rect width="6" height="6" fill={COLOURS[look % COLOURS.length]} />
            {pattern && <path d={pattern} stroke="#ffffff" strokeWidth="1.2" />}
          </pattern>
        )
      })}
    </defs>
  )
}
