// Markdown to DOM nodes. Text becomes text nodes and nothing else, so whatever a model writes, no HTML of it runs. It is called
// again and again while an answer streams: an unfinished fence or list is shown as if it were finished.

const INLINE = [
  [/^`+/, code],
  [/^\*\*(?=\S)([\s\S]+?\S?)\*\*/, (m) => wrap('strong', m[1])],
  [/^__(?=\S)([\s\S]+?)__(?!\w)/, (m) => wrap('strong', m[1])],
  [/^~~(?=\S)([\s\S]+?)~~/, (m) => wrap('del', m[1])],
  [/^\*(?=[^\s*])([\s\S]*?[^\s*])\*(?!\*)/, (m) => wrap('em', m[1])],
  [/^_(?=[^\s_])([^_]*?[^\s_])_(?!\w)/, (m) => wrap('em', m[1])],
  [/^\[([^\]]+)\]\(([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\)/, (m) => link(m[2], m[1])],
  [/^https?:\/\/[^\s<>"')\]]+[^\s<>"')\].,;:!?]/, (m) => link(m[0], null)],
];

/** The nodes of a whole text. */
export function markdown(text) {
  const fragment = document.createDocumentFragment();
  blocks(text.replace(/\r\n?/g, '\n').split('\n'), fragment);
  return fragment;
}

function blocks(lines, parent) {
  for (let i = 0; i < lines.length;) {
    const line = lines[i];
    const fence = /^ {0,3}(```+|~~~+)\s*([\w+#.-]*)/.exec(line);
    const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
    if (!line.trim()) {
      i++;
    } else if (fence) {
      const end = lines.findIndex((l, n) => n > i && l.trim().startsWith(fence[1]));
      const inner = lines.slice(i + 1, end < 0 ? lines.length : end);
      const pre = add(parent, 'pre');
      const body = add(pre, 'code');
      body.textContent = inner.join('\n');
      if (fence[2]) body.dataset.language = fence[2];
      pre.tabIndex = 0; // it may scroll
      i = end < 0 ? lines.length : end + 1;
    } else if (heading) {
      inline(heading[2], add(parent, 'h' + Math.min(6, heading[1].length + 2)));
      i++;
    } else if (/^ {0,3}([-*_])( *\1){2,} *$/.test(line)) {
      add(parent, 'hr');
      i++;
    } else if (/^ {0,3}>/.test(line)) {
      const [inner, next] = take(lines, i, (l) => /^ {0,3}>/.test(l));
      blocks(inner.map((l) => l.replace(/^ {0,3}> ?/, '')), add(parent, 'blockquote'));
      i = next;
    } else if (item(line)) {
      i = list(lines, i, parent);
    } else if (line.includes('|') && /^[\s|:-]*-[\s|:-]*$/.test(lines[i + 1] ?? '') && lines[i + 1].includes('|')) {
      const [rows, next] = take(lines, i, (l) => l.includes('|'));
      table(rows, parent);
      i = next;
    } else {
      const [inner, next] = take(lines, i, (l, n) => l.trim() && (n === i || !begins(l)));
      inline(inner.map((l) => l.trimStart()).join('\n'), add(parent, 'p'));
      i = next;
    }
  }
}

function begins(line) {
  return /^ {0,3}(```|~~~|#{1,6}\s|>)/.test(line) || item(line);
}

function take(lines, from, fits) {
  let to = from;
  while (to < lines.length && fits(lines[to], to)) to++;
  return [lines.slice(from, to), to];
}

/** A list item: its indentation, its mark, its text; or null. */
function item(line) {
  const m = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/.exec(line);
  return m && { indent: m[1].length, ordered: /\d/.test(m[2]), start: parseInt(m[2], 10), text: m[3] };
}

/** A list with everything that is indented under its items; returns the line after it. */
function list(lines, from, parent) {
  const first = item(lines[from]);
  const element = add(parent, first.ordered ? 'ol' : 'ul');
  if (first.ordered && first.start !== 1) element.start = first.start;
  let i = from;
  while (i < lines.length) {
    const one = item(lines[i]);
    if (!one || one.indent !== first.indent || one.ordered !== first.ordered) break;
    const inner = [one.text];
    for (i++; i < lines.length; i++) {
      const indent = lines[i].search(/\S/);
      const blankInside = indent < 0 && (lines[i + 1] ?? '').search(/\S/) > first.indent;
      if (indent <= first.indent && !blankInside && !(indent >= 0 && lines[i - 1].trim() && !begins(lines[i]))) break;
      inner.push(lines[i].slice(Math.min(Math.max(indent, 0), first.indent + (first.ordered ? 3 : 2))));
    }
    const li = add(element, 'li');
    const rest = inner.findIndex((l, n) => n > 0 && (!l.trim() || begins(l)));
    inline((rest < 0 ? inner : inner.slice(0, rest)).map((l) => l.trim()).join('\n'), li);
    if (rest >= 0) blocks(inner.slice(rest), li);
    if (i < lines.length && !lines[i].trim() && item(lines[i + 1] ?? '')?.indent === first.indent) i++;
  }
  return i;
}

function table(rows, parent) {
  const element = add(parent, 'table');
  rows.forEach((row, n) => {
    if (n === 1) return;
    const tr = add(element, 'tr');
    const cells = row.trim().replace(/^\||\|$/g, '').split('|');
    cells.forEach((cell) => inline(cell.trim(), add(tr, n === 0 ? 'th' : 'td')));
  });
}

function inline(text, parent) {
  let plain = '';
  for (let i = 0; i < text.length;) {
    const rest = text.slice(i);
    const c = text[i];
    if (c === '\\' && /[\\`*_{}[\]()#+.!|~>-]/.test(text[i + 1] ?? '')) {
      plain += text[i + 1];
      i += 2;
      continue;
    }
    if (c === '\n') {
      parent.append(plain);
      plain = '';
      add(parent, 'br');
      i++;
      continue;
    }
    const word = c === '_' && /\w/.test(text[i - 1] ?? ''); // snake_case is no emphasis
    let node = null;
    let length = 0;
    if ('`*_~[h'.includes(c) && !word) {
      for (const [pattern, make] of INLINE) {
        const m = pattern.exec(rest);
        const made = m && make(m, rest);
        if (made) {
          [node, length] = Array.isArray(made) ? made : [made, m[0].length];
          break;
        }
      }
    }
    if (node) {
      parent.append(plain, node);
      plain = '';
      i += length;
    } else {
      plain += c;
      i++;
    }
  }
  parent.append(plain);
}

function code(mark, rest) {
  const end = rest.indexOf(mark[0], mark[0].length);
  if (end < 0) return null;
  const node = document.createElement('code');
  node.textContent = rest.slice(mark[0].length, end).replace(/^ (.*) $/, '$1');
  return [node, end + mark[0].length];
}

function wrap(name, text) {
  const node = document.createElement(name);
  inline(text, node);
  return node;
}

/** A link, if it leads to the web or to a mailbox; anything else (javascript:, data:) stays text. */
function link(href, text) {
  if (!/^(https?:\/\/|mailto:)/i.test(href)) return null;
  const node = document.createElement('a');
  node.href = href;
  node.target = '_blank';
  node.rel = 'noopener noreferrer';
  if (text === null) node.textContent = href;
  else inline(text, node);
  return node;
}

function add(parent, name) {
  const node = document.createElement(name);
  parent.append(node);
  return node;
}
