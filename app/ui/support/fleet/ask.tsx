/** Which shops to hold or release a vendor for; and, when they are counted, the button that does it. */
import { Form, useLocation, useNavigation } from '@remix-run/react'
import {
  BlockStack,
  Button,
  ChoiceList,
  Divider,
  FormLayout,
  InlineStack,
  Select,
  Text,
  TextField,
} from '@shopify/polaris'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { FleetAsked } from '../../../delivery/fleet-filter.ts'
import type { ShownPreview, ShownReason } from '../../../runtime/support-fleet.ts'
import { Part } from '../../part.tsx'
import { STATES } from '../lane-state.tsx'
import { useNumber } from '../number.ts'
import { useTyped } from '../typed.ts'
import { Begin, type Submit, type Typed } from './begin.tsx'

type Props = {
  asked: FleetAsked
  vendorName: string
  preview: ShownPreview
  reasons: ShownReason[]
  busy: boolean
  submit: Submit
}

/** What is typed stays whatever the shops are narrowed to. */
export function Ask(props: Props) {
  const { search } = useLocation()
  const [reason, setReason] = useTyped('reason')
  const [until, setUntil] = useTyped('until')
  return <Which key={search} {...props} typed={{ reason, setReason, until, setUntil }} />
}

function Which({ asked, vendorName, preview, reasons, busy, submit, typed }: Props & { typed: Typed }) {
  const { kind, vendor, filter } = asked
  const { t } = useTranslation()
  const number = useNumber()
  const { state } = useNavigation()
  const [shops, setShops] = useState(filter.shops ?? '')
  const [states, setStates] = useState<string[]>(filter.states)
  const [heldFor, setHeldFor] = useState(filter.heldFor ?? '')
  // A hold is of what support does not hold yet: none of these.
  const offered = STATES.filter(each => each !== 'held' || kind === 'release' || heldFor !== '')
  const chosen = offered.filter(each => states.includes(each))
  const isCounted =
    shops.trim().toLowerCase() === (filter.shops ?? '') &&
    heldFor === (filter.heldFor ?? '') &&
    [...chosen].sort().join() === [...filter.states].sort().join()
  return (
    <Part title={t(`support.fleet.ask.${kind}`, { vendor: vendorName })}>
      <Text as="p">{t(`support.fleet.help_${kind}`)}</Text>
      <Form method="get">
        <input type="hidden" name="kind" value={kind} />
        <input type="hidden" name="vendor" value={vendor} />
        <FormLayout>
          <Select
            label={t(`support.fleet.heldFor.${kind}`)}
            name="heldFor"
            options={[
              { label: t(`support.fleet.anyReason.${kind}`), value: '' },
              ...reasons.map(({ reason, shops: count }) => ({
                label: t('support.fleet.ofReason', { count, formatted: number(count), reason }),
                value: reason,
              })),
            ]}
            value={heldFor}
            onChange={setHeldFor}
          />
          <TextField
            label={t('support.fleet.shops')}
            helpText={t(`support.fleet.shopsHelp.${kind}`)}
            name="shops"
            autoComplete="off"
            maxLength={100}
            value={shops}
            onChange={setShops}
          />
          <BlockStack gap="100">
            <ChoiceList
              allowMultiple
              title={t('support.fleet.states')}
              name="state"
              choices={offered.map(each => ({ label: t(`support.state.${each}`), value: each }))}
              selected={chosen}
              onChange={setStates}
            />
            <Text as="p" tone="subdued">
              {t('support.fleet.statesHelp')}
            </Text>
          </BlockStack>
          <InlineStack gap="200">
            <Button submit loading={state === 'loading'}>
              {t('support.fleet.preview')}
            </Button>
            <Button url="/support/fleet" variant="tertiary">
              {t('support.fleet.cancel')}
            </Button>
          </InlineStack>
        </FormLayout>
      </Form>
      {isCounted && (
        <BlockStack gap="300">
          <Divider />
          <Begin {...{ asked, preview, busy, submit, typed }} />
        </BlockStack>
      )}
    </Part>
  )
}
