import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { directAddress, proxiedAddress, writtenAddress } from './address.ts'

describe('the address of a request through the app proxy', () => {
  it.each([
    ['203.0.113.7', 0, '203.0.113.7'],
    ['::ffff:203.0.113.7', 0, '203.0.113.7'],
    [' 203.0.113.7 ,198.51.100.1', 1, '203.0.113.7'],
    ['203.0.113.7, 198.51.100.1, 10.0.0.1', 2, '203.0.113.7'],
    [null, 0, null],
    ['', 0, null],
    ['unknown', 0, null],
    ['<script>', 0, null],
    ['203.0.113.7', 1, null],
  ])('%j behind %d proxies is counted as %j', (header, proxies, address) =>
    expect(proxiedAddress(header, proxies)).toBe(address),
  )

  it('cannot be chosen by a client whose own header Shopify leaves in front or behind', () => {
    for (const header of ['198.51.100.9, 203.0.113.7', '203.0.113.7, 198.51.100.9', ', 203.0.113.7'])
      expect([proxiedAddress(header, 0), proxiedAddress(`${header}, 10.0.0.1`, 1)]).toEqual([null, null])
  })

  it.each([
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8:1:2::9', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
  ])('%s is counted with its network', (header, network) => expect(proxiedAddress(header, 0)).toBe(network))

  it('of any network is the same for all its addresses', () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (address, host) => {
        const network = proxiedAddress(address, 0)
        const groups = host.toString(16).padStart(16, '0').match(/.{4}/g)?.join(':')
        expect(network).toMatch(/^[0-9a-f]{1,4}(:[0-9a-f]{1,4}){3}$|^\d+(\.\d+){3}$/)
        if (network?.includes(':')) expect(proxiedAddress(`${network}:${groups}`, 0)).toBe(network)
      }),
    )
  })
})

describe('the address of a browser that sends here itself', () => {
  it.each([
    ['the socket’s without proxies', 0, null, '203.0.113.7'],
    ['not known where somebody wrote a header and no proxy was told of', 0, '198.51.100.1', null],
    ['what the only proxy saw', 1, '198.51.100.1', '198.51.100.1'],
    ['what the outermost of two saw', 2, '192.0.2.1, 198.51.100.1, 10.0.0.2', '198.51.100.1'],
    ['the socket’s where there are fewer entries than proxies', 2, '198.51.100.1', '203.0.113.7'],
    ['the socket’s where there is no header', 1, null, '203.0.113.7'],
  ])('is %s', (_, proxies, header, address) => {
    expect(directAddress('203.0.113.7', header, proxies)).toBe(address)
  })

  it.each([
    ...['127.0.0.1', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.1.1', '100.64.0.1'],
    ...['::1', '::ffff:127.0.0.1', '::ffff:10.0.0.1', 'fd00::1', 'fe80::1'],
  ])('is not known behind a proxy at %s that nobody told of, whom all shops’ visitors share', remote => {
    expect(directAddress(remote, null, 0)).toBeNull()
  })

  it.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '::ffff:203.0.113.7'])(
    'is %s where that connects',
    remote => expect(directAddress(remote, null, 0)).toBe(remote.replace('::ffff:', '')),
  )

  it('cannot be chosen by who sends', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 9 }), (said, proxies) => {
        const own = Array.from({ length: proxies }, (_, n) => `10.0.0.${n + 1}`)
        expect(directAddress('10.9.9.9', [said, ...own].join(','), proxies)).toBe('10.0.0.1')
      }),
    )
  })
})

describe('the address of a browser of support', () => {
  it.each([
    ['203.0.113.7', null, 0, '203.0.113.7'],
    ['203.0.113.7', 'x', 0, '203.0.113.7'],
    ['203.0.113.7', '198.51.100.9', 0, '203.0.113.7'],
    ['::ffff:10.0.0.1', '', 0, '10.0.0.1'],
    ['10.0.0.1', '198.51.100.9, 203.0.113.7', 1, '203.0.113.7'],
    ['10.0.0.1', 'x', 1, '10.0.0.1'],
    ['10.0.0.1', null, 1, '10.0.0.1'],
    [null, 'x', 0, null],
  ])(
    '%j with %j behind %d proxies is written as %j: no header of its own makes it unknown',
    (remote, header, proxies, address) => expect(writtenAddress(remote, header, proxies)).toBe(address),
  )
})
