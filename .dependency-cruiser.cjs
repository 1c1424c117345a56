/**
 * Who may import whom (docs/architecture.md). Each rule's comment says how to mend a breach.
 * Checked by `npm test`, and by `npx depcruise app bench extensions sandbox scripts storefront tests server.ts`.
 */
const room = name => `^app/${name}/`
const tests = '\\.test\\.tsx?$|/testing\\.ts$'

module.exports = {
  forbidden: [
    {
      name: 'events-import-nothing',
      comment:
        'app/events is the vocabulary everything else is written in. Move what it needs into app/events, or the code that needs others out of it.',
      severity: 'error',
      from: { path: room('events'), pathNot: tests },
      to: { path: '^(app|bench|sandbox|scripts|tests)/', pathNot: room('events') },
    },
    {
      name: 'vendors-know-only-events',
      comment:
        'A vendor is pure: it may import app/events and the files directly in app/vendors. What it needs from Shopify, the database or the engine must reach it through the contract (app/vendors/vendor.ts).',
      severity: 'error',
      from: { path: room('vendors'), pathNot: tests },
      to: { path: '^(app|bench|sandbox|scripts|tests)/', pathNot: ['^app/events/', '^app/vendors/'] },
    },
    {
      name: 'vendors-do-not-know-each-other',
      comment: 'One vendor must not import another. Put what both need into a file directly in app/vendors.',
      severity: 'error',
      from: { path: '^app/vendors/([^/]+)/' },
      to: { path: '^app/vendors/[^/]+/', pathNot: '^app/vendors/$1/' },
    },
    {
      name: 'vendors-do-not-send-or-store',
      comment:
        'A vendor never sends, stores or logs: it returns requests and the runtime (app/delivery) does the rest.',
      severity: 'error',
      from: { path: '^app/vendors/', pathNot: tests },
      to: { path: 'node_modules/(undici|pg|pg-boss|pino|@prisma|express)/' },
    },
    {
      name: 'shopify-knows-events-and-db',
      comment:
        'app/shopify translates Shopify into store events; it may import app/events, app/db, app/secrets, app/outbound.ts and the log. Compose it with other rooms in app/runtime.',
      severity: 'error',
      from: { path: room('shopify'), pathNot: tests },
      to: { path: '^app/', pathNot: ['^app/(shopify|events|db|secrets)/', '^app/(log|outbound)\\.ts$'] },
    },
    {
      name: 'delivery-knows-vendors-by-contract',
      comment:
        'app/delivery knows vendors only through app/vendors/vendor.ts, reasons.ts, settings.ts, settings-problems.ts and registry.ts. Put what differs by vendor into the vendor declaration.',
      severity: 'error',
      from: { path: room('delivery'), pathNot: tests },
      to: { path: '^app/vendors/[^/]+/' },
    },
    {
      name: 'delivery-is-below-shopify-and-the-surface',
      comment:
        'app/delivery does not know Shopify, routes or the command line. Pass what it needs in from app/runtime.',
      severity: 'error',
      from: { path: room('delivery') },
      to: { path: '^app/(shopify|routes|cli|runtime|insights|ui)/' },
    },
    {
      name: 'foundations-import-downwards',
      comment:
        'app/db, app/secrets, app/identity and app/privacy are foundations: they must not import delivery, vendors, Shopify or the surface. Pass it in, or move the code up.',
      severity: 'error',
      from: { path: '^app/(db|secrets|identity|privacy)/', pathNot: tests },
      to: { path: '^app/(delivery|vendors|shopify|routes|cli|runtime|insights|support|ui)/' },
    },
    {
      name: 'support-is-a-foundation',
      comment:
        'app/support keeps accounts, sessions, roles and the audit: it may import app/db, app/secrets and the log. What support does to lanes belongs in app/delivery, what it reads in app/insights, and app/runtime composes them.',
      severity: 'error',
      from: { path: room('support'), pathNot: tests },
      to: { path: '^app/(delivery|identity|insights|privacy|vendors|shopify|routes|cli|runtime|ui)/' },
    },
    {
      name: 'routes-only-render',
      comment:
        'A route parses, calls one function and renders. SQL, vendors and delivery belong below it: add a function to app/runtime or app/insights and call that.',
      severity: 'error',
      from: { path: room('routes'), pathNot: tests },
      to: { path: '^(app/(db|delivery|vendors|secrets|identity)/|node_modules/(pg|@prisma)/)' },
    },
    {
      name: 'ui-knows-nothing-below',
      comment:
        "app/ui runs in merchants' browsers: it imports no code of ours but its own and the vocabulary (app/events). Load data in a route and pass it in; types may come from app/runtime.",
      severity: 'error',
      from: { path: room('ui'), pathNot: tests },
      to: { path: '^app/', pathNot: '^app/(ui|events)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'nothing-imports-the-surface',
      comment: 'Routes and the command line are the top: nothing may import them. Move the shared part down.',
      severity: 'error',
      from: { path: '^app/', pathNot: ['^app/(routes|cli)/', '^app/(root|entry\\.server)\\.tsx$', tests] },
      to: { path: '^app/(routes|cli)/' },
    },
    {
      name: 'only-tests-know-the-sandbox',
      comment:
        'The sandbox stands in for vendors and Shopify. Only sandbox, tests, bench and scripts may import it; give the app an address instead.',
      severity: 'error',
      from: { path: '^(app|extensions)/|^server\\.ts$' },
      to: { path: '^(sandbox|tests|bench|scripts)/' },
    },
    {
      name: 'the-sandbox-is-independent',
      comment:
        "A stand-in vendor and the stand-in store check the app by their own reading of the documentation; they must not import the app's.",
      severity: 'error',
      from: { path: '^sandbox/(vendors|store)/' },
      to: { path: '^app/' },
    },
    {
      name: 'storefront-stands-alone',
      comment:
        "storefront/ runs in shoppers' browsers, where every byte counts: it imports nothing but its own files. Agree on data with the server by app/shopify/storefront/wire.ts and a test.",
      severity: 'error',
      from: { path: '^storefront/', pathNot: tests },
      to: { pathNot: '^storefront/' },
    },
    {
      name: 'no-cycles',
      comment: 'These files import each other in a circle. Move what both need into a third file.',
      severity: 'error',
      from: { pathNot: '^app/db/generated/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(app/db/generated|build)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'] },
  },
}
