import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { StartError } from './options.ts';
import { probePort } from './ports.ts';

it('finds a free port that can be listened on', async () => {
  const port = await probePort('127.0.0.1', 0);
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  await new Promise(resolve => server.close(resolve));
});

it('says in one line that a port is taken, and what to do', async () => {
  const server = createServer();
  const port = await new Promise<number>(resolve => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  const refusal = probePort('127.0.0.1', port);
  await expect(refusal).rejects.toThrow(StartError);
  await expect(refusal).rejects.toThrow(`Port ${port} of 127.0.0.1 is taken`);
  await new Promise(resolve => server.close(resolve));
});

it('says that an address is not of this machine', async () => {
  await expect(probePort('192.0.2.1', 0)).rejects.toThrow('HOST=192.0.2.1 is not an address of this machine');
});
