'use strict';
/* Where everything lies: the tenant table in the middle, what follows a table around it, ring by ring. */
function arrange(nodes, named, titles) {
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
    if (node.children.length) {
      node.disc = spread(node, node.children);
      node.size = node.disc + room * 0.3;
    }
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
      const group = root.kind in titles ? root.kind : root.children.length || root.kind === 'tenant' ? root.table : 'others';
      grouped.set(group, [...(grouped.get(group) || []), root]);
    });
    grouped.forEach((members, group) => {
      const size = spread(null, [...members]) + room * 0.3;
      islands.push({ group, members, size, title: titles[group] || (group === 'others' ? 'Of tenants' : '') });
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
  return layout();
}
/* The box around circles, with room for their titles. */
function bounds(circles) {
  const left = Math.min(...circles.map(c => c.x - c.size)), right = Math.max(...circles.map(c => c.x + c.size));
  const top = Math.min(...circles.map(c => c.y - c.size - (c.title ? 22 : 0))), bottom = Math.max(...circles.map(c => c.y + c.size));
  return { left, top, width: right - left, height: bottom - top };
}
