import { BlockStack, Link, Text } from '@shopify/polaris'
import { useTranslation } from 'react-i18next'
import { FIGURES, useFigures } from './figures.ts'
import { Acts, FigureParts, Name, Rests, Shops } from './vendor-parts.tsx'
import type { VendorsProps } from './vendors.tsx'

const CELL = { padding: '0.5rem', verticalAlign: 'top', textAlign: 'left' } as const
const FIGURE = { ...CELL, textAlign: 'right' } as const
const LINE = { borderTop: '1px solid var(--p-color-border-secondary)' } as const

/** Vendors with a row each, where there is room. */
export function VendorTable({ vendors, mayAct }: VendorsProps) {
  const { t } = useTranslation()
  const figures = useFigures()
  return (
    <table
      aria-label={t('support.fleet.vendors')}
      style={{ width: '100%', borderCollapse: 'collapse', fontVariantNumeric: 'tabular-nums' }}
    >
      <thead>
        <tr>
          <th scope="col" rowSpan={2} style={CELL}>
            {t('support.fleet.vendor')}
          </th>
          <th scope="col" rowSpan={2} style={CELL}>
            {t('support.fleet.shopsColumn')}
          </th>
          <th scope="colgroup" colSpan={FIGURES.length} style={{ ...CELL, textAlign: 'center' }}>
            {t('support.fleet.deliveries')}
          </th>
        </tr>
        <tr>
          {FIGURES.map(name => (
            <th key={name} scope="col" style={FIGURE}>
              {t(`support.fleet.figure.${name}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {vendors.map(vendor => (
          <tr key={vendor.vendor} style={LINE}>
            <th scope="row" style={{ ...CELL, fontWeight: 'inherit' }}>
              <BlockStack gap="200">
                <Text as="span" fontWeight="semibold">
                  <Name vendor={vendor} />
                </Text>
                <Rests vendor={vendor} />
                {mayAct && <Acts vendor={vendor} />}
              </BlockStack>
            </th>
            <td style={CELL}>
              <Shops vendor={vendor} />
            </td>
            {figures(vendor).map(({ name, value, url, told, parts }) => (
              <td key={name} style={FIGURE}>
                {url === null ? (
                  value
                ) : (
                  <Link url={url} accessibilityLabel={told}>
                    {value}
                  </Link>
                )}
                <FigureParts parts={parts} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
