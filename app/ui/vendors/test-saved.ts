import { useFetcher } from '@remix-run/react'
import { useAppBridge } from '@shopify/app-bridge-react'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { VendorAnswer, VendorCard } from '../../runtime/merchant-vendors.ts'
import type { Unanswered } from '../answered.ts'
import { useAnswer } from '../unanswered.tsx'

export type TestSaved = {
  /** Of the tool that is being tested; null: none is. */
  testing: string | null
  test(tool: Pick<VendorCard, 'id' | 'name'>): void
}

/** Tests what is saved for a tool, from a page with several: for the page itself, which stays when the tool's part of it goes. */
export function useTestSaved(): TestSaved {
  const { t } = useTranslation()
  const bridge = useAppBridge()
  const fetcher = useFetcher<VendorAnswer | Unanswered>()
  const asked = useRef({ id: '', name: '' })
  useAnswer(fetcher, answer => {
    if (answer.kind !== 'tested') return
    const { name } = asked.current
    if (answer.ok) bridge.toast.show(t('vendors.form.works', { name }))
    else bridge.toast.show(t(`vendors.form.${answer.tried ? 'refused' : 'untried'}`), { isError: true })
  })
  return {
    testing: fetcher.state === 'idle' ? null : asked.current.id,
    test({ id, name }) {
      asked.current = { id, name }
      fetcher.submit({ intent: 'testSaved' }, { method: 'post', action: `/app/vendors/${id}` })
    },
  }
}
