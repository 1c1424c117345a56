/** What stands in a page's place while the next one is fetched. */
import { useLocation, useNavigation } from '@remix-run/react'
import { BlockStack, Card, SkeletonBodyText, SkeletonDisplayText } from '@shopify/polaris'
import { type ReactNode, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { PlainPage } from './plain-page.tsx'

/** What comes sooner than this is not worth a flicker. */
const PATIENCE_MS = 250

/**
 * Another page is on its way, and takes its time. What stays on the same page, such as a filter, says so itself.
 * @returns its path; null: none is
 */
function useLate(): string | null {
  const { state, location: next } = useNavigation()
  const { pathname } = useLocation()
  const leaving = state !== 'idle' && next.pathname !== pathname
  const [late, setLate] = useState(false)
  useEffect(() => {
    if (!leaving) return setLate(false)
    const timer = setTimeout(() => setLate(true), PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [leaving])
  return leaving && late ? next.pathname : null
}

/** @param titleAt the title of the area that a path belongs to */
export function Loading({ titleAt, children }: { titleAt(path: string): string; children: ReactNode }) {
  const { t } = useTranslation()
  const late = useLate()
  return (
    <>
      <output
        style={{ position: 'absolute', width: 1, height: 1, overflow: 'hidden', clipPath: 'inset(50%)' }}
      >
        {late === null ? '' : t('frame.loading')}
      </output>
      {late !== null && (
        <PlainPage title={titleAt(late)}>
          <div aria-hidden>
            <BlockStack gap="400">
              {[3, 6].map(lines => (
                <Card key={lines}>
                  <BlockStack gap="300">
                    <SkeletonDisplayText size="small" />
                    <SkeletonBodyText lines={lines} />
                  </BlockStack>
                </Card>
              ))}
            </BlockStack>
          </div>
        </PlainPage>
      )}
      <div hidden={late !== null}>{children}</div>
    </>
  )
}
