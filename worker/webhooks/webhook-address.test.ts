import { describe, expect, it } from 'vitest';
import { addressIssue } from './webhook-address.ts';

const strictly = (text: string) => addressIssue(text, { allowPrivate: false });
const openly = (text: string) => addressIssue(text, { allowPrivate: true });

describe('addressIssue', () => {
  it.each([
    'https://example.org',
    'https://example.org/hooks?from=darkroom&x=%20#part',
    'HTTPS://Hooks.Example.ORG:8443/',
    'https://bücher.example/haken',
    'https://localhost.example.org/',
    'https://my.locale/',
    'https://10.0.0.1.example.org/',
    'https://8.8.8.8/',
    'https://134744072/',
    'https://172.15.255.255/',
    'https://172.32.0.0/',
    'https://100.63.255.255/',
    'https://100.128.0.0/',
    'https://169.253.255.255/',
    'https://192.167.255.255/',
    'https://223.255.255.255/',
    'https://[2606:4700:4700::1111]/',
    'https://[2001:4860:4860::8888]:444/',
    'https://[::ffff:8.8.8.8]/',
    'https://[64:ff9b::8.8.8.8]/',
  ])('takes %s', text => {
    expect(strictly(text)).toBeNull();
    expect(openly(text)).toBeNull();
  });

  it.each([
    '',
    'example.org/hook',
    '//example.org/hook',
    'ftp://example.org/',
    'javascript:alert(1)',
    'data:text/plain,x',
    'file:///etc/passwd',
    'https:example.org',
    'https:///example.org\\@127.0.0.1/',
    'https://',
    'https://?x',
    'https://example.org:99999/',
    'https://1.2.3.4.5/',
    'https://256.1.1.1/',
    'https://[::1/',
    'https://[fe80::1%25eth0]/',
    'https://exa mple.org/',
    ' https://example.org/',
    'https://example.org/\n',
    'https://exa\tmple.org/',
    'https://example.org/\u0000',
    'https://example.org\\@evil.example/',
    'https://example.org/\ud800',
  ])('takes %j in no case', text => {
    expect(strictly(text)).toMatch(/^webhook is not an http\(s\) address: expected an address such as \S+$/);
    expect(openly(text)).toBe(strictly(text));
  });

  it('takes 2,048 characters and no more', () => {
    const text = 'https://example.org/'.padEnd(2_048, 'x');
    expect(strictly(text)).toBeNull();
    expect(strictly(`${text}x`)).toBe('webhook has 2049 characters: at most 2048');
    expect(openly(`${text}x`)).toBe(strictly(`${text}x`));
  });

  it.each(['https://me:secret@example.org/', 'https://me@example.org/', 'https://:secret@example.org/'])(
    'takes no credentials: %s',
    text => {
      expect(strictly(text)).toMatch(/user name or password/);
      expect(openly(text)).toBe(strictly(text));
      expect(strictly(text)).not.toContain('secret@');
    },
  );

  it('wants TLS', () => {
    expect(strictly('http://example.org/')).toMatch(/^webhook does not begin with https:\/\//);
    expect(openly('http://example.org/')).toBeNull();
  });

  it.each([
    ['loopback', '127.0.0.1'],
    ['loopback, the last', '127.255.255.254'],
    ['loopback, short', '127.1'],
    ['loopback, decimal', '2130706433'],
    ['loopback, hex', '0x7f000001'],
    ['loopback, hex parts', '0x7f.0x0.0x0.0x1'],
    ['loopback, octal', '0177.0.0.01'],
    ['loopback, with a dot at its end', '127.0.0.1.'],
    ['loopback, percent-encoded', '%31%32%37.0.0.1'],
    ['loopback, wide digits', '１２７.０.０.１'],
    ['loopback, wide dots', '127。0。0。1'],
    ['unspecified', '0.0.0.0'],
    ['unspecified, short', '0'],
    ['this network', '0.1.2.3'],
    ['private', '10.0.0.1'],
    ['private, the last', '10.255.255.255'],
    ['private', '172.16.0.1'],
    ['private, the last', '172.31.255.255'],
    ['private', '192.168.0.1'],
    ['private, octal', '0300.0250.1.1'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['carrier-grade NAT, the last', '100.127.255.255'],
    ['a cloud’s metadata', '169.254.169.254'],
    ['a cloud’s metadata, decimal', '2852039166'],
    ['Azure', '168.63.129.16'],
    ['protocols', '192.0.0.8'],
    ['documentation', '192.0.2.1'],
    ['documentation', '198.51.100.1'],
    ['documentation', '203.0.113.1'],
    ['6to4 relay', '192.88.99.1'],
    ['benchmarks', '198.19.255.255'],
    ['multicast', '224.0.0.1'],
    ['multicast, the last', '239.255.255.255'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['IPv6 loopback', '[::1]'],
    ['IPv6 loopback, in full', '[0:0:0:0:0:0:0:1]'],
    ['IPv6 unspecified', '[::]'],
    ['IPv6 link-local', '[fe80::1]'],
    ['IPv6 site-local', '[fec0::1]'],
    ['unique local', '[fc00::1]'],
    ['unique local', '[fd12:3456:789a::1]'],
    ['a cloud’s metadata in IPv6', '[fd00:ec2::254]'],
    ['IPv6 multicast', '[ff02::1]'],
    ['mapped loopback', '[::ffff:127.0.0.1]'],
    ['mapped loopback, hex', '[::ffff:7f00:1]'],
    ['mapped private', '[::ffff:10.0.0.1]'],
    ['mapped metadata', '[::FFFF:a9fe:a9fe]'],
    ['IPv4-compatible loopback', '[::127.0.0.1]'],
    ['IPv4-compatible public', '[::8.8.8.8]'],
    ['translated loopback', '[64:ff9b::127.0.0.1]'],
    ['translated private', '[64:ff9b::192.168.1.1]'],
    ['translated unspecified', '[64:ff9b::]'],
    ['translated in a network of its own', '[64:ff9b:1::8.8.8.8]'],
    ['Teredo', '[2001:0:4136:e378:8000:63bf:3fff:fdd2]'],
    ['6to4 of loopback', '[2002:7f00:1::]'],
    ['documentation', '[2001:db8::1]'],
    ['documentation', '[3fff::1]'],
    ['discard', '[100::1]'],
    ['not given out', '[4000::1]'],
    ['localhost', 'localhost'],
    ['localhost, large', 'LOCALHOST'],
    ['localhost, encoded', '%6cocalhost'],
    ['localhost with a dot', 'localhost.'],
    ['under localhost', 'api.localhost'],
    ['mDNS', 'printer.local'],
    ['mDNS with a dot', 'printer.local.'],
    ['local domain', 'db.localdomain'],
    ['a cloud’s metadata by name', 'metadata.google.internal'],
    ['at home', 'nas.home.arpa'],
    ['one word', 'backend'],
    ['one word and a dot', 'backend.'],
    ['a name with a dot at its end', 'example.org.'],
  ])('takes what is not public only where that is allowed: %s, %s', (_, host) => {
    expect(strictly(`https://${host}/`)).toMatch(/^webhook names a host that is not on the public internet: .+$/);
    expect(strictly(`https://${host}:8443/hook`)).toBe(strictly(`https://${host}/`));
    expect(openly(`https://${host}/`)).toBeNull();
    expect(openly(`http://${host}:8080/`)).toBeNull();
  });
});
