/** Each vendor over all shops, and where one begins to hold or release it. */
import { Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import type { ShownVendor } from '../../../runtime/support-fleet.ts'
import { Part } from '../../part.tsx'
import { ByWidth } from '../by-width.tsx'
import { VendorCards } from './vendor-cards.tsx'
import { VendorTable } from './vendor-table.tsx'

export type VendorsProps = { vendors: ShownVendor[]; mayAct: boolean }

export function Vendors(props: VendorsProps) {
  const { t } = useTranslation()
  return (
    <Part title={t('support.fleet.vendors')}>
      {props.vendors.length === 0 ? (
        <Text as="p" tone="subdued">
          {t('support.fleet.noVendors')}
        </Text>
      ) : (
        <>
          <ByWidth name="vendors" wide={<VendorTable {...props} />} narrow={<VendorCards {...props} />} />
          <Text as="p" variant="bodySm" tone="subdued">
            {t('support.fleet.figuresHelp')}
          </Text>
        </>
      )}
    </Part>
  )
}
