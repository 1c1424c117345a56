/** How a part of a whole is written: one way on every page, so that the same part is the same number. */
import { useTranslation } from 'react-i18next'

/** The least that is told apart from none, and from all. */
const STEP = 0.001

/**
 * @returns a function that writes a share of 1, to a tenth of a percent: what is not all of it is never "100%", and what is not none of
 * it never "0%"
 */
export function sharesIn(language: string): (share: number) => string {
  const format = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 })
  return share => format.format(toldApart(share)).replace('-', '−')
}

function toldApart(share: number): number {
  const size = Math.abs(share)
  if (size === 0 || size >= 1) return share
  return Math.sign(share) * Math.min(1 - STEP, Math.max(STEP, size))
}

/** @returns `sharesIn` the page's language */
export function useShare(): (share: number) => string {
  const { i18n } = useTranslation()
  return sharesIn(i18n.language)
}
