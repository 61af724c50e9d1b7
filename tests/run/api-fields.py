# api-fields.py SOCKET TABLE NAME VERSION...: answers of a daemon against the table of fields (api-fields.txt).
# NAME is a running container with a volume, a network, a health check and an exec; says one line for each difference.
import http.client, json, socket, sys, time
class Unix(http.client.HTTPConnection):
    def connect(self): self.sock = socket.socket(socket.AF_UNIX); self.sock.settimeout(60); self.sock.connect(sys.argv[1])
def call(method, path, body=None):
    c = Unix('d'); c.request(method, path, json.dumps(body) if body is not None else None, {'Content-Type': 'application/json'} if body is not None else {})
    r = c.getresponse(); text = r.read(); c.close()
    return r.status, text
kinds, pages = {}, []
for line in open(sys.argv[2]):
    w = line.split('#')[0].split()
    if not w: continue
    if w[0] in ('GET', 'POST', 'DELETE'): pages.append(w)
    else:
        k = kinds.setdefault(w[0].rstrip(':'), {})
        for f in w[1:]: name, _, what = f.partition(':'); k[name] = what
seen, checked = set(), 0
def say(where, text):
    if (where, text) not in seen: seen.add((where, text)); print(where, text, sep=': ')
def compare(v, what, api, where):
    optional = what.endswith('?'); what = what.rstrip('?')
    if what == 'any': return
    if v is None:
        if what[0] not in '[{' and what not in kinds and not optional: say(where, 'is null, not %s' % what)
        return
    plain = {'s': str, 'i': int, 'n': (int, float), 'b': bool}.get(what)
    if plain:
        if not isinstance(v, plain) or (what in 'in' and isinstance(v, bool)): say(where, '%s is no %s' % (json.dumps(v)[:40], what))
    elif what[0] == '[':
        if not isinstance(v, list): return say(where, '%s is no list' % json.dumps(v)[:40])
        for x in v: compare(x, what[1:-1], api, where + '[]')
    elif what[0] == '{':
        if not isinstance(v, dict): return say(where, '%s is no map' % json.dumps(v)[:40])
        for x in v.values(): compare(x, what[1:-1], api, where + '{}')
    else:
        if not isinstance(v, dict): return say(where, '%s is no object' % json.dumps(v)[:40])
        for name, w in kinds[what].items():
            if w[0] == '@':
                span, _, w = w[1:].partition('='); low, _, high = span.partition('-')
                if not int(low or 0) <= api <= int(high or 99): continue
            if name in v: compare(v[name], w, api, where + '.' + name)
            elif not w.endswith('?'): say(where, 'has no %s' % name)
for version in sys.argv[4:]:
    api, name = int(version), sys.argv[3]
    x = json.loads(call('POST', '/containers/%s/exec' % name, {'Cmd': ['true'], 'AttachStdout': True})[1])['Id']
    call('POST', '/exec/%s/start' % x, {'Detach': False, 'Tty': False})
    for method, path, what, *more in pages:
        body = json.loads(' '.join(more).replace('NAME', name + version)) if more else None
        path = path.replace('{c}', name).replace('{exec}', x).replace('{n}', name + version).replace('{now}', str(int(time.time())))
        status, text = call(method, '/v1.%d%s' % (api, path), body)
        where = '1.%d %s %s' % (api, method, path)
        if status >= 300: say(where, 'status %d %s' % (status, text[:80])); continue
        try: docs = [json.loads(l) for l in text.decode().splitlines() if l.strip()]
        except ValueError as e: say(where, str(e)); continue
        for d in docs: compare(d, what, api, where)
        checked += 1
print('checked', checked)
