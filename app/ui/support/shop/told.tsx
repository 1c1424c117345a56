/** What came of a hold or a release, above the page that it changed. */
import { Banner } from '@shopify/polaris'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { SupportVendor } from '../../../runtime/support-shop.ts'
import { counted } from '../../counted.ts'
import { focusBanner } from '../../focus.ts'
import { useFormats } from '../../home/words.ts'
import type { ActAnswer } from './act.tsx'

/** `vendors`: as the page shows them, whose number of what is held is told: it goes on changing, and there is one. */
type Props = {
  answer: ActAnswer | null
  vendors: readonly SupportVendor[]
  nameOf(vendor: string): string
  dismiss(): void
}

export function Told({ answer, vendors, nameOf, dismiss }: Props) {
  const { t } = useTranslation()
  const { number } = useFormats()
  const sentence = answer && said(answer)
  const place = useRef<HTMLDivElement>(null)
  // It stands at the top of a long page, and whoever acted may be far below.
  useEffect(() => {
    if (answer) focusBanner(place.current)
  }, [answer])
  return (
    <div aria-live="polite" ref={place}>
      {sentence && (
        <Banner tone={answer?.kind === 'gone' ? 'warning' : 'success'} onDismiss={dismiss}>
          <p>{sentence}</p>
        </Banner>
      )}
    </div>
  )

  function said(told: ActAnswer): string | null {
    switch (told.kind) {
      case 'held': {
        const { vendor, left, changed } = told
        const shown = vendors.find(({ id }) => id === vendor)?.counts
        const count = shown?.held ?? told.held
        const done = t(`support.shop.${changed ? 'changing' : 'holding'}.done`, {
          ...{ name: nameOf(vendor), count },
          number: counted(count, number),
        })
        return left && shown?.open !== 0 ? `${done} ${t('support.shop.holding.rest')}` : done
      }
      case 'released': {
        const { vendor, released, expired, left } = told
        const names = { name: nameOf(vendor), count: released, number: number(released) }
        const late =
          expired > 0
            ? ` ${t('support.shop.releasing.expired', { count: expired, number: number(expired) })}`
            : ''
        const rest = left ? ` ${t('support.shop.releasing.rest')}` : ''
        return t('support.shop.releasing.done', names) + late + rest
      }
      case 'gone':
        return t('support.shop.act.gone')
      default:
        return null
    }
  }
}
