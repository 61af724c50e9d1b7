// clients.js DIRECTORY: dockerode and testcontainers against the daemon of DOCKER_HOST; DIRECTORY holds a Dockerfile.
const Docker = require('dockerode'), { GenericContainer, Wait, Network } = require('testcontainers');
const d = new Docker({ socketPath: process.env.DOCKER_HOST.slice(7) });
const check = (n, ok, more) => console.log([ok ? 'ok' : 'not_ok', n, more === undefined ? '' : JSON.stringify(more)].join('|'));
(async () => {
  const { PassThrough } = require('stream');
  const out = new PassThrough(); let text = ''; out.on('data', x => text += x);
  const [r] = await d.run('busybox', ['sh', '-c', 'echo hello; exit 3'], out, { HostConfig: { AutoRemove: false } });
  check('dockerode run', r.StatusCode === 3 && text.includes('hello'), text);
  const c = await d.createContainer({ Image: 'busybox', Cmd: ['sleep', '100'], name: 'dode', Labels: { a: 'b' }, HostConfig: { PortBindings: { '80/tcp': [{ HostPort: '' }] } } });
  await c.start(); const i = await c.inspect();
  check('dockerode port', !!(i.NetworkSettings.Ports['80/tcp'] || [])[0], i.NetworkSettings.Ports);
  const e = await c.exec({ Cmd: ['cat'], AttachStdin: true, AttachStdout: true });
  const s = await e.start({ hijack: true, stdin: true }); let got = '';
  const o2 = new PassThrough(); o2.on('data', x => got += x); c.modem.demuxStream(s, o2, o2);
  s.write('typed\n'); s.end(); await new Promise(r => s.on('end', r)); check('dockerode exec', got === 'typed\n', got);
  check('dockerode list', (await d.listContainers({ filters: { label: ['a=b'] } })).length === 1);
  const st = await c.stats({ stream: false }); check('dockerode stats', st.memory_stats.usage > 0);
  const logs = await c.logs({ stdout: true, follow: false }); check('dockerode logs', Buffer.isBuffer(logs));
  const ev = await d.getEvents({ filters: { type: ['container'] } }); const first = new Promise(r => ev.once('data', x => r(JSON.parse(x.toString().split('\n')[0]))));
  await c.stop({ t: 0 }); const x = await first; check('dockerode events', x.Type === 'container', x.Action); ev.destroy();
  const w = await c.wait(); check('dockerode wait', w.StatusCode === 137, w); await c.remove({ v: true });
  await new Promise((res, rej) => d.buildImage({ context: process.argv[2], src: ['Dockerfile'] }, { t: 'dodeb' }, (err, s) => err ? rej(err) : d.modem.followProgress(s, (e, o) => e ? rej(e) : res(o))));
  check('dockerode build', (await d.getImage('dodeb').inspect()).RepoTags.includes('dodeb:latest'));
  process.env.TESTCONTAINERS_RYUK_DISABLED = 'true';
  const n = await new Network().start();
  const t = await new GenericContainer('busybox').withCommand(['sh', '-c', 'echo ready; mkdir /w; cd /w; echo page >index.html; httpd -f -p 8080']).withExposedPorts(8080).withNetwork(n).withNetworkAliases('web')
    .withCopyContentToContainer([{ content: 'copied', target: '/etc/copied' }]).withWaitStrategy(Wait.forLogMessage('ready')).start();
  check('testcontainers exec', (await t.exec(['cat', '/etc/copied'])).output === 'copied');
  check('testcontainers port', t.getMappedPort(8080) > 0);
  const body = await (await fetch('http://127.0.0.1:' + t.getMappedPort(8080) + '/')).text().catch(e => String(e)); check('testcontainers http', body === 'page\n', body);
  await t.restart(); await t.stop(); await n.stop(); check('testcontainers stop', true);
})().catch(e => { console.log('not_ok|the script came to its end|' + String(e.stack || e).split('\n')[0]); process.exitCode = 1; }).finally(() => setTimeout(() => process.exit(), 500));
