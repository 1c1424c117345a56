import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { directAddress, proxiedAddress } from './address.ts'

describe('the address of a request through the app proxy', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7, 10.0.0.1', '203.0.113.7'],
    [' 203.0.113.7 ,198.51.100.1', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    [null, null],
    ['', null],
    ['unknown', null],
    ['<script>', null],
  ])('%j is counted as %j', (header, address) => expect(proxiedAddress(header)).toBe(address))

  it.each([
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8:1:2::9', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
  ])('%s is counted with its network', (header, network) => expect(proxiedAddress(header)).toBe(network))

  it('of any network is the same for all its addresses', () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (address, host) => {
        const network = proxiedAddress(address)
        const groups = host.toString(16).padStart(16, '0').match(/.{4}/g)?.join(':')
        expect(network).toMatch(/^[0-9a-f]{1,4}(:[0-9a-f]{1,4}){3}$|^\d+(\.\d+){3}$/)
        if (network?.includes(':')) expect(proxiedAddress(`${network}:${groups}`)).toBe(network)
      }),
    )
  })
})

describe('the address of a browser that sends here itself', () => {
  it.each([
    ['the socket’s without proxies, whatever the header says', 0, '198.51.100.1', '203.0.113.7'],
    ['what the only proxy saw', 1, '198.51.100.1', '198.51.100.1'],
    ['what the outermost of two saw', 2, '192.0.2.1, 198.51.100.1, 10.0.0.2', '198.51.100.1'],
    ['the socket’s where there are fewer entries than proxies', 2, '198.51.100.1', '203.0.113.7'],
    ['the socket’s where there is no header', 1, null, '203.0.113.7'],
  ])('is %s', (_, proxies, header, address) => {
    expect(directAddress('203.0.113.7', header, proxies)).toBe(address)
  })

  it('cannot be chosen by who sends', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 9 }), (said, proxies) => {
        const own = Array.from({ length: proxies }, (_, n) => `10.0.0.${n + 1}`)
        expect(directAddress('10.9.9.9', [said, ...own].join(','), proxies)).toBe('10.0.0.1')
      }),
    )
  })
})
