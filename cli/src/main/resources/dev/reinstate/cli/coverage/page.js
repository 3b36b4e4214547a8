'use strict';
(() => {
const data = JSON.parse(document.getElementById('data').textContent);
const LABELS = {
  tenant: 'tenant table', column: 'by column', path: 'by path', type: 'by type', schema: 'by schema', shared: 'shared',
  ignored: 'ignored', unmapped: 'unmapped', derived: 'derived'
};
const ISLANDS = { shared: 'Shared', ignored: 'Ignored', unmapped: 'Unmapped: whose rows are these?', derived: 'Derived, never captured' };
const byId = id => document.getElementById(id);
const element = (tag, text = '', className = '') => {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
};
const number = n => n.toLocaleString('en');
const short = n => n < 0 ? '?' : n < 10000 ? number(n) : n < 1e6 ? Math.round(n / 1e3) + ' k' : n < 1e9 ? (n / 1e6).toFixed(n < 1e7 ? 1 : 0) + ' M' : (n / 1e9).toFixed(1) + ' G';

const nodes = data.tables.map(table => ({ ...table, children: [], followers: [], referrers: [] }));
const named = new Map(nodes.map(node => [node.table, node]));
const schemaCounts = new Map();
nodes.forEach(node => schemaCounts.set(node.schema, (schemaCounts.get(node.schema) || 0) + 1));
const oneSchema = schemaCounts.size === 1;
nodes.forEach(node => {
  node.title = oneSchema || node.schema === 'public' || node.kind === 'schema' ? node.name : node.table;
  node.label = node.title.length > 22 ? node.title.slice(0, 21) + '…' : node.title;
  node.radius = (node.kind === 'tenant' ? 16 : 7) + 2.6 * Math.log10(1 + Math.max(0, node.rows));
  node.words = [node.table, node.rule, node.pattern, LABELS[node.kind], ...node.columns].join(' ').toLowerCase();
  node.toLookAt = node.kind === 'unmapped' ? [...node.reasons, ...node.warnings] : node.warnings;
  node.follows.forEach(name => named.has(name) && named.get(name).followers.push(node));
  node.references.forEach(name => named.has(name) && named.get(name).referrers.push(node));
});

/* ---- Where everything lies: the tenant table in the middle, what follows a table around it, ring by ring. ---- */

function attach() {
  const roots = [];
  nodes.forEach(node => {
    const parent = node.follows.length === 1 || node.kind === 'path' ? named.get(node.follows[0])
        : node.follows.length > 1 ? nodes.find(other => other.kind === 'tenant') : undefined;
    if (parent && parent !== node && !leadsTo(parent, node)) { node.parent = parent; parent.children.push(node); } else roots.push(node);
  });
  return roots;
}
function leadsTo(from, to) {
  for (let at = from; at; at = at.parent) if (at === to) return true;
  return false;
}
const room = nodes.length <= 30 ? 40 : nodes.length <= 160 ? 30 : nodes.length <= 500 ? 14 : 6;
/* Places the members around the centre, if there is one, and tells the circle around all of them. */
function spread(centre, members) {
  members.forEach(bubble);
  const byName = (a, b) => a.table < b.table ? -1 : 1;
  const leaves = members.filter(member => !member.children.length).sort((a, b) => b.size - a.size || byName(a, b));
  const bubbles = members.filter(member => member.children.length).sort((a, b) => b.size - a.size || byName(a, b));
  const first = centre ? { dx: 0, dy: 0, size: centre.radius + room * 0.7 } : Object.assign((leaves.length ? leaves : bubbles).shift(), { dx: 0, dy: 0 });
  const middle = { dx: 0, dy: 0, size: first.size };
  for (let turn = -Math.PI / 2; leaves.length; turn += 2.4) middle.size = ring(leaves, middle.size, turn);
  const placed = [middle];
  bubbles.forEach(member => { nestle(member, placed); placed.push(member); });
  const around = enclosing(placed);
  [...members, ...(centre ? [first] : [])].forEach(member => { member.dx -= around.x; member.dy -= around.y; });
  if (centre) Object.assign(centre, { ownX: first.dx, ownY: first.dy });
  return around.size;
}
/* Fills one ring around what is inside of that radius; tells the radius now. */
function ring(waiting, inner, turn) {
  let widest = 0, taken = [], angles = [];
  while (waiting.length) {
    const wider = Math.max(widest, waiting[0].size), all = [...taken, waiting[0]];
    const needed = all.map(member => 2 * Math.asin(Math.min(1, member.size / (inner + wider))));
    if (taken.length && needed.reduce((a, b) => a + b) > 2 * Math.PI) break;
    widest = wider; taken = all; angles = needed;
    waiting.shift();
  }
  const gap = (2 * Math.PI - angles.reduce((a, b) => a + b, 0)) / taken.length;
  let angle = turn;
  taken.forEach((member, i) => {
    angle += (angles[i] + gap) / 2;
    member.dx = Math.cos(angle) * (inner + widest);
    member.dy = Math.sin(angle) * (inner + widest);
    angle += (angles[i] + gap) / 2;
  });
  return inner + 2 * widest;
}
/* As near to the middle as what lies there lets it, and rather opposite to what does. */
function nestle(member, placed) {
  let nearest = Infinity;
  const heavy = placed.slice(1), weight = heavy.reduce((sum, o) => sum + o.size * o.size, 0) || 1;
  const leanX = heavy.reduce((sum, o) => sum + o.dx * o.size * o.size, 0) / weight;
  const leanY = heavy.reduce((sum, o) => sum + o.dy * o.size * o.size, 0) / weight;
  for (let i = 0; i < 120; i++) {
    const cos = Math.cos(i * Math.PI / 60 - 2), sin = Math.sin(i * Math.PI / 60 - 2);
    let far = 0;
    for (let again = true; again;) {
      again = false;
      for (const other of placed) {
        const apart = other.size + member.size, along = other.dx * cos + other.dy * sin;
        const aside = apart * apart - (other.dx * other.dx + other.dy * other.dy - along * along);
        if (aside > 0 && Math.abs(far - along) < Math.sqrt(aside) - 0.01) { far = along + Math.sqrt(aside); again = true; }
      }
    }
    const cost = far + (cos * leanX + sin * leanY) * 0.25;
    if (cost < nearest) { nearest = cost; member.dx = cos * far; member.dy = sin * far; }
  }
}
/* Nearly the smallest circle around circles: pulled towards the farthest, ever less. */
function enclosing(circles) {
  let x = 0, y = 0;
  const reach = c => Math.hypot(c.dx - x, c.dy - y) + c.size;
  for (let step = 0.5; step > 0.0005; step *= 0.97) {
    const far = circles.reduce((a, b) => reach(b) > reach(a) ? b : a);
    x += (far.dx - x) * step * 0.3;
    y += (far.dy - y) * step * 0.3;
  }
  return { x, y, size: Math.max(...circles.map(reach)) };
}
function bubble(node) {
  node.size = node.radius + room;
  if (node.children.length) node.size = spread(node, node.children) + room * 0.3;
}
function settle(node, x, y) {
  node.middle = { x: x + node.dx, y: y + node.dy };
  node.x = node.middle.x + (node.ownX || 0);
  node.y = node.middle.y + (node.ownY || 0);
  node.children.forEach(child => settle(child, node.middle.x, node.middle.y));
}
function layout() {
  const roots = attach(), islands = [], grouped = new Map();
  roots.forEach(root => {
    const group = root.kind in ISLANDS ? root.kind : root.children.length || root.kind === 'tenant' ? root.table : 'others';
    grouped.set(group, [...(grouped.get(group) || []), root]);
  });
  grouped.forEach((members, group) => {
    const size = spread(null, [...members]) + room * 0.3;
    islands.push({ group, members, size, title: ISLANDS[group] || (group === 'others' ? 'Of tenants' : '') });
  });
  islands.sort((a, b) => b.size - a.size);
  pack(islands);
  islands.forEach(island => island.members.forEach(member => settle(member, island.x, island.y)));
  return islands;
}
/* The biggest in the middle, the others where they widen a picture of the window's shape least. */
function pack(islands) {
  const shape = 1.45, gap = Math.max(30, Math.max(...islands.map(island => island.size)) * 0.085), placed = [];
  for (const island of islands) {
    const spots = placed.length ? [] : [{ x: 0, y: 0 }];
    placed.forEach(next => {
      for (let i = 0; i < 72; i++) {
        const angle = i * Math.PI / 36, far = next.size + island.size + gap;
        spots.push({ x: next.x + Math.cos(angle) * far, y: next.y + Math.sin(angle) * far });
      }
    });
    const free = spots.filter(spot => placed.every(o => Math.hypot(o.x - spot.x, o.y - spot.y) >= o.size + island.size + gap - 0.01));
    const cost = spot => {
      const box = bounds([...placed, { ...spot, size: island.size }]);
      return Math.max(box.width, box.height * shape) + Math.hypot(spot.x / shape, spot.y) * 0.01 - spot.x * 0.001;
    };
    Object.assign(island, free.reduce((best, spot) => cost(spot) < cost(best) ? spot : best));
    placed.push(island);
  }
}
function bounds(circles) {
  const left = Math.min(...circles.map(c => c.x - c.size)), right = Math.max(...circles.map(c => c.x + c.size));
  const top = Math.min(...circles.map(c => c.y - c.size - (c.title ? 22 : 0))), bottom = Math.max(...circles.map(c => c.y + c.size));
  return { left, top, width: right - left, height: bottom - top };
}
const islands = layout();

/* ---- Drawing ---- */

const canvas = byId('picture'), pen = canvas.getContext('2d');
const view = { x: 0, y: 0, scale: 1 };
const state = { hidden: new Set(), query: '', selected: null, over: null, onlyLook: false, fitted: true };
let colours = {}, shown = new Set(nodes), waitingFrame = false;

function readColours() {
  const style = getComputedStyle(document.documentElement);
  [...Object.keys(LABELS), 'ink', 'soft', 'paper', 'card', 'line', 'island', 'accent']
      .forEach(name => { colours[name] = style.getPropertyValue('--' + name).trim(); });
}
function fit() {
  const box = bounds(islands), width = canvas.clientWidth, height = canvas.clientHeight - 34;
  view.scale = Math.min(2.2, (width - 40) / box.width, (height - 30) / box.height);
  view.x = width / 2 - (box.left + box.width / 2) * view.scale;
  view.y = height / 2 - (box.top + box.height / 2) * view.scale;
  state.fitted = true;
  draw();
}
function draw() {
  if (waitingFrame) return;
  waitingFrame = true;
  requestAnimationFrame(() => { waitingFrame = false; paint(); });
}
function paint() {
  const ratio = devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  islands.forEach(paintIsland);
  nodes.forEach(node => { if (node.children.length && node.parent) disc(node.middle, node.size - room * 0.3); });
  nodes.forEach(node => { if (node.parent) line(node, node.parent, colours[node.kind], shown.has(node) ? 0.32 : 0.06, 1); });
  const focus = state.over || state.selected;
  if (focus) paintReferences(focus);
  nodes.forEach(paintNode);
  paintLabels(focus);
}
const screen = node => ({ x: node.x * view.scale + view.x, y: node.y * view.scale + view.y });
function disc(at, size) {
  const { x, y } = screen(at);
  pen.globalAlpha = 1;
  pen.fillStyle = colours.island;
  pen.beginPath();
  pen.arc(x, y, size * view.scale, 0, 7);
  pen.fill();
}
function paintIsland(island) {
  disc(island, island.size);
  if (!island.title) return;
  const { x, y } = screen(island);
  pen.fillStyle = island.group === 'unmapped' ? colours.unmapped : colours.soft;
  pen.font = '600 13px system-ui, "DejaVu Sans", sans-serif';
  pen.textAlign = 'center';
  pen.fillText(island.title, x, y - island.size * view.scale - 7);
}
function line(from, to, colour, alpha, width, bend = 0) {
  const a = screen(from), b = screen(to);
  pen.globalAlpha = alpha;
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.beginPath();
  pen.moveTo(a.x, a.y);
  pen.quadraticCurveTo((a.x + b.x) / 2 - (b.y - a.y) * bend, (a.y + b.y) / 2 + (b.x - a.x) * bend, b.x, b.y);
  pen.stroke();
  pen.globalAlpha = 1;
}
function paintReferences(focus) {
  focus.references.map(name => named.get(name)).filter(Boolean).forEach(to => line(focus, to, colours.accent, 0.75, 1.4, 0.14));
  focus.referrers.forEach(from => line(from, focus, colours.accent, 0.45, 1.2, 0.14));
  focus.follows.map(name => named.get(name)).filter(Boolean).forEach(to => line(focus, to, colours[focus.kind], 0.95, 2.4));
}
function paintNode(node) {
  const { x, y } = screen(node), radius = Math.max(1.6, node.radius * view.scale);
  pen.globalAlpha = shown.has(node) ? 1 : 0.1;
  pen.fillStyle = colours[node.kind];
  pen.beginPath();
  pen.arc(x, y, radius, 0, 7);
  pen.fill();
  if (node.toLookAt.length || node === state.selected || node === state.over) {
    pen.strokeStyle = node === state.selected || node === state.over ? colours.accent : colours.unmapped;
    pen.lineWidth = node === state.selected ? 3 : Math.min(2, 0.7 + radius / 9);
    pen.beginPath();
    pen.arc(x, y, radius + pen.lineWidth + 0.6, 0, 7);
    pen.stroke();
  }
  pen.globalAlpha = 1;
}
/* Names where there is room for them: the chosen first, then those that others follow, then the big. */
function paintLabels(focus) {
  const cells = new Map(), size = 46;
  const near = (box, use) => {
    for (let i = Math.floor(box.left / size); i <= Math.floor(box.right / size); i++)
      for (let j = Math.floor(box.top / size); j <= Math.floor(box.bottom / size); j++) {
        const key = i + ' ' + j;
        if (use(cells.get(key) || cells.set(key, []).get(key))) return true;
      }
    return false;
  };
  const block = box => near(box, cell => { cell.push(box); return false; });
  const taken = (box, overDots) => near(box, cell => cell.some(o => o.owner !== box.owner && !(overDots && o.dot) && o.left < box.right && box.left < o.right && o.top < box.bottom && box.top < o.bottom));
  const close = new Set(focus ? [focus, ...focus.followers, ...focus.referrers, ...focus.references.map(n => named.get(n)), ...focus.follows.map(n => named.get(n))] : []);
  const visible = nodes.filter(node => {
    const { x, y } = screen(node);
    return shown.has(node) && x > -60 && y > -20 && x < canvas.clientWidth + 60 && y < canvas.clientHeight + 20;
  });
  visible.forEach(node => {
    const { x, y } = screen(node), r = node.radius * view.scale * 0.8;
    block({ left: x - r, right: x + r, top: y - r, bottom: y + r, owner: node, dot: true });
  });
  const rank = node => (close.has(node) ? 1e6 : 0) + (node.kind === 'tenant' ? 1e5 : 0) + node.children.length * 50 + (node.kind === 'unmapped' ? 40 : 0) + node.radius;
  pen.textAlign = 'center';
  visible.sort((a, b) => rank(b) - rank(a)).forEach(node => {
    const strong = node === focus || node.kind === 'tenant' || node.children.length > 0;
    pen.font = (strong ? '600 ' : '') + (strong ? 13 : 12) + 'px system-ui, "DejaVu Sans", sans-serif';
    const { x, y } = screen(node), width = pen.measureText(node.label).width / 2 + 3, away = Math.max(2, node.radius * view.scale) + 3;
    const spots = [y + away, y - away - 14].map(top => ({ left: x - width, right: x + width, top, bottom: top + 14, owner: node }));
    const box = spots.find(spot => !taken(spot, node.children.length > 3 || node.kind === 'tenant')) || (node === focus ? spots[0] : null);
    if (!box) return;
    block(box);
    pen.lineWidth = 3.5;
    pen.lineJoin = 'round';
    pen.strokeStyle = colours.paper;
    pen.strokeText(node.label, x, box.top + 11);
    pen.fillStyle = strong ? colours.ink : colours.soft;
    pen.fillText(node.label, x, box.top + 11);
  });
}

/* ---- What is shown ---- */

function refresh() {
  const words = state.query.toLowerCase().split(/\s+/).filter(Boolean);
  shown = new Set(nodes.filter(node => !state.hidden.has(node.kind) && (!state.onlyLook || node.toLookAt.length)
      && words.every(word => node.words.includes(word))));
  byId('list').replaceChildren(...entries());
  draw();
}
function dot(node) {
  const made = element('span', '', 'dot');
  made.style.background = 'var(--' + node.kind + ')';
  return made;
}
function entries() {
  const order = { unmapped: 0 };
  const listed = [...shown].sort((a, b) => (state.onlyLook ? (order[a.kind] ?? 1) - (order[b.kind] ?? 1) : 0) || (a.table < b.table ? -1 : 1));
  if (!listed.length) return [element('p', state.onlyLook && !state.query ? 'Nothing: every table has its rule and nothing speaks against it.' : 'No table fits.')];
  return listed.map(node => {
    const item = element('li'), button = element('button');
    const texts = state.onlyLook ? node.toLookAt.map(text => element('small', text, 'look')) : [element('small', node.rule)];
    button.append(dot(node), element('span', node.table, 'name'), element('span', short(node.rows), 'rows'), ...texts);
    button.setAttribute('aria-current', node === state.selected);
    button.addEventListener('click', () => { select(node); centre(node); });
    node.entry = button;
    item.append(button);
    return item;
  });
}
function select(node) {
  if (state.selected && state.selected.entry) state.selected.entry.setAttribute('aria-current', 'false');
  state.selected = node;
  if (node && node.entry) {
    node.entry.setAttribute('aria-current', 'true');
    node.entry.scrollIntoView({ block: 'nearest' });
  }
  const wasHidden = byId('details').hidden;
  byId('details').hidden = !node;
  if (node) byId('details').replaceChildren(...describe(node));
  if (wasHidden === Boolean(node)) resized(); else draw();
  history.replaceState(null, '', node ? '#' + encodeURIComponent(node.table) : location.pathname + location.search);
}
function centre(node) {
  const { x, y } = screen(node), margin = 90;
  if (view.scale < 0.9 || x < margin || y < margin || x > canvas.clientWidth - margin || y > canvas.clientHeight - margin) {
    view.scale = Math.max(view.scale, 0.9);
    view.x = canvas.clientWidth / 2 - node.x * view.scale;
    view.y = canvas.clientHeight / 2 - node.y * view.scale;
    state.fitted = false;
  }
  draw();
}
function describe(node) {
  const close = element('button', '×', 'close'), kind = element('div', '', 'class');
  close.title = 'Close';
  close.addEventListener('click', () => select(null));
  const rows = node.kind === 'derived' ? 'never captured' : node.rows < 0 ? 'rows not known: never analysed' : 'about ' + number(node.rows) + (node.rows === 1 ? ' row' : ' rows');
  kind.append(dot(node), element('span', [LABELS[node.kind], rows, ...(node.parts ? [node.parts] : [])].join(' · ')));
  const parts = [close, element('h2', node.table), kind, element('code', node.rule)];
  if (node.kind !== 'derived') parts.push(element('h3', 'Said by'), element('div', node.pattern ? 'the rule for ' + node.pattern : node.kind === 'schema' ? 'its schema' : 'an entry of its own'));
  texts(parts, 'Why', node.reasons);
  texts(parts, 'Look at', node.warnings, 'look');
  texts(parts, 'Seen in a sample of its rows', node.evidence);
  texts(parts, 'Other ways', node.alternatives);
  links(parts, 'Its rows follow', node.follows.map(name => named.get(name)).filter(Boolean));
  links(parts, 'Followed by', node.followers);
  links(parts, 'Also refers to', node.references.filter(name => !node.follows.includes(name)).map(name => named.get(name)).filter(Boolean));
  links(parts, 'Also referred to by', node.referrers.filter(other => !node.followers.includes(other)));
  return parts;
}
function texts(parts, title, lines, className = '') {
  if (!lines.length) return;
  const list = element('ul');
  lines.forEach(text => list.append(element('li', text, className)));
  parts.push(element('h3', title), list);
}
function links(parts, title, targets) {
  if (!targets.length) return;
  const box = element('div', '', 'links'), few = targets.slice(0, 40);
  few.forEach(target => {
    const button = element('button');
    button.append(dot(target), element('span', target.title));
    button.addEventListener('click', () => { select(target); centre(target); });
    box.append(button);
  });
  if (targets.length > few.length) box.append(element('span', 'and ' + (targets.length - few.length) + ' more'));
  parts.push(element('h3', title + ' (' + targets.length + ')'), box);
}

/* ---- The head of the page ---- */

function head() {
  const known = data.rows > 0, asked = nodes.filter(node => node.kind === 'unmapped').length;
  const open = asked ? '; ' + number(asked) + (asked === 1 ? ' table is' : ' tables are') + ' unmapped' : '';
  byId('share').textContent = known ? data.share + ' %' : data.tables.length ? data.tableShare + ' %' : '–';
  byId('share-text').textContent = known
      ? 'of about ' + number(data.rows) + ' rows come back with their tenant or are kept as shared'
        + open + (data.ignoredRows ? '; about ' + number(data.ignoredRows) + ' more are in ignored tables' : '')
      : 'of the tables have their owner' + open + '; nothing is known of their rows, run ANALYZE';
  byId('title').append(data.database, element('span', ' · tenants: ' + data.tenants + ' · looked at ' + data.made));
  Object.keys(LABELS).forEach(name => {
    const members = nodes.filter(node => node.kind === name);
    if (!members.length) return;
    const rows = members.reduce((sum, node) => sum + Math.max(0, node.rows), 0);
    const tables = members.reduce((sum, node) => sum + node.count, 0);
    const part = element('i');
    part.style.flexGrow = known ? rows / (data.rows + data.ignoredRows) : members.length / nodes.length;
    part.style.background = 'var(--' + name + ')';
    part.title = LABELS[name] + ': about ' + number(rows) + ' rows';
    byId('bar').append(part);
    const button = element('button'), count = element('b', number(tables));
    button.append(dot({ kind: name }), element('span', LABELS[name]), count);
    button.title = part.title;
    button.setAttribute('aria-pressed', 'true');
    button.addEventListener('click', () => {
      if (!state.hidden.delete(name)) state.hidden.add(name);
      button.setAttribute('aria-pressed', !state.hidden.has(name));
      refresh();
    });
    byId('classes').append(button);
  });
  const count = nodes.filter(node => node.toLookAt.length).length;
  byId('look').textContent = 'To look at' + (count ? ' (' + count + ')' : '');
}

/* ---- Hands on it ---- */

function nodeAt(x, y) {
  let best = null, nearest = Infinity;
  nodes.forEach(node => {
    const at = screen(node), distance = Math.hypot(at.x - x, at.y - y) - Math.max(5, node.radius * view.scale + 3);
    if (shown.has(node) && distance < 0 && distance < nearest) { best = node; nearest = distance; }
  });
  return best;
}
function zoom(factor, x, y) {
  const scale = Math.min(8, Math.max(0.05, view.scale * factor));
  view.x = x - (x - view.x) * scale / view.scale;
  view.y = y - (y - view.y) * scale / view.scale;
  view.scale = scale;
  state.fitted = false;
  draw();
}
function resized() { if (state.fitted) fit(); else draw(); }
function hover(x, y) {
  const node = nodeAt(x, y), tip = byId('tip');
  if (node !== state.over) { state.over = node; draw(); }
  canvas.classList.toggle('over', Boolean(node));
  tip.hidden = !node;
  if (!node) return;
  tip.replaceChildren(element('strong', node.table), element('div', node.rule), element('div', node.rows < 0 ? 'never analysed' : 'about ' + number(node.rows) + ' rows'));
  tip.style.left = Math.min(x + 16, canvas.clientWidth - 350) + 'px';
  tip.style.top = Math.min(y + 16, canvas.clientHeight - 90) + 'px';
}
let drag = null;
canvas.addEventListener('pointerdown', event => { drag = { x: event.offsetX, y: event.offsetY, moved: false }; canvas.setPointerCapture(event.pointerId); });
canvas.addEventListener('pointermove', event => {
  if (!drag) { hover(event.offsetX, event.offsetY); return; }
  const dx = event.offsetX - drag.x, dy = event.offsetY - drag.y;
  if (!drag.moved && Math.hypot(dx, dy) < 4) return;
  view.x += dx; view.y += dy;
  drag = { x: event.offsetX, y: event.offsetY, moved: true };
  state.fitted = false;
  byId('tip').hidden = true;
  canvas.classList.add('dragged');
  draw();
});
canvas.addEventListener('pointerup', event => {
  if (drag && !drag.moved) select(nodeAt(event.offsetX, event.offsetY));
  drag = null;
  canvas.classList.remove('dragged');
});
canvas.addEventListener('pointercancel', () => { drag = null; });
canvas.addEventListener('pointerleave', () => { state.over = null; byId('tip').hidden = true; draw(); });
canvas.addEventListener('wheel', event => { event.preventDefault(); zoom(Math.exp(-event.deltaY * 0.0015), event.offsetX, event.offsetY); }, { passive: false });
canvas.addEventListener('keydown', event => {
  const step = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
  if (step) { view.x += step[0]; view.y += step[1]; state.fitted = false; draw(); event.preventDefault(); }
  if (event.key === '+' || event.key === '-') zoom(event.key === '+' ? 1.25 : 0.8, canvas.clientWidth / 2, canvas.clientHeight / 2);
});
byId('in').addEventListener('click', () => zoom(1.35, canvas.clientWidth / 2, canvas.clientHeight / 2));
byId('out').addEventListener('click', () => zoom(0.74, canvas.clientWidth / 2, canvas.clientHeight / 2));
byId('fit').addEventListener('click', fit);
byId('search').addEventListener('input', event => { state.query = event.target.value; refresh(); });
['all', 'look'].forEach(id => byId(id).addEventListener('click', () => {
  state.onlyLook = id === 'look';
  byId('all').setAttribute('aria-pressed', !state.onlyLook);
  byId('look').setAttribute('aria-pressed', state.onlyLook);
  refresh();
}));
addEventListener('keydown', event => {
  if (event.key === '/' && document.activeElement !== byId('search')) { byId('search').focus(); event.preventDefault(); }
  if (event.key === 'Escape') { byId('search').value = ''; state.query = ''; select(null); refresh(); }
});
new ResizeObserver(resized).observe(canvas);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { readColours(); draw(); });
readColours();
head();
refresh();
fit();
const asked = location.hash ? named.get(decodeURIComponent(location.hash.slice(1))) : undefined;
if (asked) { select(asked); centre(asked); }
})();
