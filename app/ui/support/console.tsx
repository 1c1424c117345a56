/** The frame of the console's pages: where one can go, who is signed in, and the way out. */
import { useLocation, useNavigation, useSubmit } from '@remix-run/react'
import { Box, Frame, Navigation, Text, TopBar } from '@shopify/polaris'
import { type ReactNode, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Role } from '../../support/roles.ts'
import { Loading } from '../frame/loading.tsx'
import { areaOf, PAGES, type PageName } from './pages.ts'
import { useForgetting } from './typed.ts'

type Props = { staff: { email: string; role: Role }; children: ReactNode }

const WHO = {
  display: 'block',
  maxWidth: '45vw',
  padding: '0 0.5rem',
  textAlign: 'start',
  color: '#fff',
} as const

export function Console({ staff, children }: Props) {
  const { t } = useTranslation()
  const here = addressOf(useLocation())
  const { location: next } = useNavigation()
  const [open, setOpen] = useState(false)
  useForgetting(staff.email)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page is the reason to close the menu.
  useEffect(() => setOpen(false), [here])
  return (
    <Frame
      navigation={<Pages role={staff.role} at={next ? addressOf(next) : here} />}
      topBar={
        <header>
          <TopBar
            showNavigationToggle
            contextControl={<Name />}
            onNavigationToggle={() => setOpen(before => !before)}
            userMenu={<Who {...staff} />}
          />
        </header>
      }
      showMobileNavigation={open}
      onNavigationDismiss={() => setOpen(false)}
    >
      <Loading titleAt={path => t(`support.${areaOf(path)}.title`)}>{children}</Loading>
    </Frame>
  )
}

function Name() {
  const { t } = useTranslation()
  return (
    <Box paddingInline="300" color="text-inverse">
      <Text as="p" variant="headingMd">
        {t('support.frame.name')}
      </Text>
    </Box>
  )
}

/** With what is asked for: Polaris takes a click on a link to the very place where one is for none. */
const addressOf = ({ pathname, search }: { pathname: string; search: string }) => pathname + search

/** @param at where one is, or is on the way to */
function Pages({ role, at }: { role: Props['staff']['role']; at: string }) {
  const { t } = useTranslation()
  const shown = (Object.keys(PAGES) as PageName[]).filter(name => !PAGES[name].adminsOnly || role === 'admin')
  return (
    <Navigation location={at} ariaLabelledBy="console-pages">
      <span id="console-pages" hidden>
        {t('support.frame.navigation')}
      </span>
      <Navigation.Section
        items={shown.map(name => ({
          label: t(`support.${name}.title`),
          url: PAGES[name].url,
          exactMatch: PAGES[name].url === '/support',
          matchPaths: PAGES[name].under,
        }))}
      />
    </Navigation>
  )
}

function Who({ email, role }: Props['staff']) {
  const { t } = useTranslation()
  const submit = useSubmit()
  const [open, setOpen] = useState(false)
  return (
    <TopBar.Menu
      activatorContent={
        <span style={WHO}>
          <Text as="span" variant="bodySm" truncate>
            {email}
          </Text>
          <Text as="span" variant="bodySm">
            {t(`support.frame.role.${role}`)}
          </Text>
        </span>
      }
      open={open}
      onOpen={() => setOpen(true)}
      onClose={() => setOpen(false)}
      actions={[
        {
          items: [
            { content: t('support.frame.sessions'), url: '/support/sessions' },
            {
              content: t('support.frame.signOut'),
              onAction: () => submit(null, { method: 'post', action: '/support/sign-out' }),
            },
          ],
        },
      ]}
    />
  )
}
