// The chat page: conversations in localStorage, answers from /v1/chat/completions as they are generated.
import { markdown } from './markdown.js';

const $ = (id) => document.getElementById(id);
const DEFAULTS = { system: '', temperature: '0.8', top_p: '0.95', top_k: '40', min_p: '0.05', repetition_penalty: '1', max_tokens: '', seed: '' };
const NUMBERS = ['temperature', 'top_p', 'top_k', 'min_p', 'repetition_penalty', 'max_tokens', 'seed'];

// ---- what is kept

function load(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem('trit.' + name)) ?? otherwise;
  } catch {
    return otherwise; // not ours, or cut short: begin anew
  }
}

function keep(name, value) {
  try {
    localStorage.setItem('trit.' + name, JSON.stringify(value));
  } catch {
    say('The browser has no room for more conversations: delete some.');
  }
}

const settings = { ...DEFAULTS, ...load('settings', {}) };
let conversations = load('conversations', []); // [{id, title, messages: [{role, content, error?}]}], newest first
let current = conversations[0] ?? begin();
let running = null; // AbortController while an answer streams

function begin() {
  return { id: crypto.randomUUID?.() ?? String(Date.now() + Math.random()), title: '', messages: [] };
}

function keepConversations() {
  conversations = [current, ...conversations.filter((c) => c !== current)].filter((c) => c.messages.length);
  keep('conversations', conversations);
  drawList();
}

// ---- theme

const dark = matchMedia('(prefers-color-scheme: dark)');

function drawTheme() {
  document.documentElement.dataset.theme = load('theme', null) ?? (dark.matches ? 'dark' : 'light');
}

$('theme').onclick = () => {
  keep('theme', document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark');
  drawTheme();
};
dark.addEventListener('change', drawTheme);
drawTheme();

// ---- settings

for (const name of Object.keys(DEFAULTS)) {
  $(name).value = settings[name];
  $(name).addEventListener('change', () => {
    settings[name] = $(name).value;
    keep('settings', settings);
  });
}
$('key').value = sessionStorage.getItem('trit.key') ?? '';
$('key').addEventListener('change', () => {
  sessionStorage.setItem('trit.key', $('key').value);
  listModels();
});
$('open-settings').onclick = () => $('settings').showModal();
$('defaults').onclick = () => {
  for (const name of Object.keys(DEFAULTS)) {
    $(name).value = settings[name] = DEFAULTS[name];
  }
  keep('settings', settings);
};

function headers() {
  const key = $('key').value;
  return { 'Content-Type': 'application/json', ...(key && { Authorization: 'Bearer ' + key }) };
}

async function listModels() {
  try {
    const answer = await fetch('/v1/models', { headers: headers() });
    if (answer.status === 401) {
      say('This server wants an API key.');
      $('settings').showModal();
      $('key').focus();
      return;
    }
    const { data } = await answer.json();
    $('model').replaceChildren(...data.map((model) => new Option(model.id)));
    const last = load('model', null);
    if (data.some((model) => model.id === last)) $('model').value = last;
  } catch {
    say('The server does not answer.');
  }
}

$('model').onchange = () => keep('model', $('model').value);

// ---- drawing

function say(words) {
  $('status').textContent = words;
}

function element(name, className, text) {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function button(label, act, className = 'quiet') {
  const node = element('button', className, label);
  node.type = 'button';
  node.onclick = act;
  return node;
}

function drawList() {
  $('conversations').replaceChildren(...conversations.map((c) => {
    const li = element('li');
    const title = button(c.title || 'New chat', () => show(c), 'title');
    if (c === current) title.setAttribute('aria-current', 'true');
    const remove = button('\u00d7', () => forget(c), 'remove');
    remove.setAttribute('aria-label', 'Delete ' + (c.title || 'this chat'));
    li.append(title, remove);
    return li;
  }));
}

function drawLog() {
  $('log').replaceChildren(...current.messages.map(drawMessage));
  scroll(true);
}

function drawMessage(message, index) {
  const article = element('article', 'message ' + message.role);
  article.append(element('h2', '', message.role === 'user' ? 'You' : message.model || 'Answer'));
  const text = element('div', 'text');
  if (message.role === 'user') text.textContent = message.content;
  else text.append(markdown(message.content));
  article.append(text);
  if (message.error) article.append(element('p', 'error', message.error));
  const tools = element('div', 'tools');
  tools.append(button('Copy', () => copy(message.content)));
  if (message.role === 'assistant' && index === current.messages.length - 1) {
    tools.append(button('Regenerate', regenerate));
  }
  article.append(tools);
  return article;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    say('Copied.');
  } catch {
    say('The browser does not let this page copy.');
  }
}

function scroll(always) {
  const log = $('log');
  if (always || log.scrollHeight - log.scrollTop - log.clientHeight < 120) log.scrollTop = log.scrollHeight;
}

function show(conversation) {
  running?.abort();
  current = conversation;
  $('sidebar').classList.remove('open');
  $('menu').setAttribute('aria-expanded', 'false');
  $('speed').textContent = '';
  drawList();
  drawLog();
  $('input').focus();
}

function forget(conversation) {
  conversations = conversations.filter((c) => c !== conversation);
  keep('conversations', conversations);
  show(conversation === current ? conversations[0] ?? begin() : current);
}

// ---- asking

$('form').onsubmit = (event) => {
  event.preventDefault();
  const content = $('input').value.trim();
  if (!content || running) return;
  $('input').value = '';
  grow();
  current.messages.push({ role: 'user', content });
  current.title ||= content.slice(0, 60);
  answer();
};

function regenerate() {
  if (running) return;
  current.messages.pop();
  answer();
}

function request() {
  const messages = current.messages
    .filter((m) => m.content)
    .map(({ role, content }) => ({ role, content }));
  if (settings.system.trim()) messages.unshift({ role: 'system', content: settings.system });
  const body = { model: $('model').value || undefined, messages, stream: true, stream_options: { include_usage: true } };
  for (const name of NUMBERS) {
    if (settings[name] !== '') body[name] = Number(settings[name]);
  }
  return body;
}

async function answer() {
  const conversation = current;
  const body = request();
  const message = { role: 'assistant', content: '', model: $('model').value };
  conversation.messages.push(message);
  running = new AbortController();
  busy(true);
  keepConversations();
  drawLog();
  const article = $('log').lastElementChild;
  article.classList.add('busy');
  $('log').setAttribute('aria-busy', 'true');
  const speed = { began: performance.now(), first: 0, last: 0, tokens: 0 };
  let drawn = true;
  const draw = () => {
    drawn = true;
    article.querySelector('.text').replaceChildren(markdown(message.content));
    drawSpeed(speed);
    scroll(false);
  };
  try {
    const response = await fetch('/v1/chat/completions', {
      method: 'POST', headers: headers(), body: JSON.stringify(body), signal: running.signal,
    });
    if (!response.ok) throw new Error((await response.json()).error.message);
    for await (const event of events(response.body)) {
      if (event.error) throw new Error(event.error.message);
      const piece = event.choices[0]?.delta?.content;
      if (piece) {
        speed.first ||= performance.now();
        speed.last = performance.now();
        speed.tokens++;
        message.content += piece;
        if (drawn) {
          drawn = false;
          requestAnimationFrame(draw);
        }
      }
      if (event.usage) speed.tokens = event.usage.completion_tokens;
    }
    say('The answer is complete.');
  } catch (failure) {
    if (failure.name === 'AbortError') say('Stopped.');
    else {
      message.error = failure instanceof TypeError ? 'The server does not answer.' : failure.message;
      say(message.error);
    }
  }
  running = null;
  busy(false);
  $('log').removeAttribute('aria-busy');
  if (current === conversation) drawLog();
  drawSpeed(speed);
  keepConversations();
}

/** The JSON of each server-sent event, until [DONE]. */
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let held = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    held += value;
    const lines = held.split('\n');
    held = lines.pop();
    for (const line of lines) {
      if (line === 'data: [DONE]') return;
      if (line.startsWith('data: ')) yield JSON.parse(line.slice(6));
    }
  }
}

/** From the first token on; short answers come in one piece, and count from the question. */
function drawSpeed({ began, first, last, tokens }) {
  const seconds = (last > first ? last - first : last - began) / 1000;
  if (first) $('speed').textContent = `${tokens} tokens, ${((last > first ? tokens - 1 : tokens) / seconds).toFixed(1)} per second`;
}

function busy(on) {
  $('send').hidden = on;
  $('stop').hidden = !on;
}

$('stop').onclick = () => running?.abort();

// ---- keyboard

function grow() {
  const input = $('input');
  input.rows = Math.min(12, input.value.split('\n').length + Math.floor(input.value.length / 120));
}

$('input').addEventListener('input', grow);
$('input').addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $('form').requestSubmit();
  }
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && running) running.abort();
  if (event.altKey && event.code === 'KeyN') {
    event.preventDefault();
    $('new').click();
  }
});
$('new').onclick = () => show(begin());
$('menu').onclick = () => {
  const open = $('sidebar').classList.toggle('open');
  $('menu').setAttribute('aria-expanded', String(open));
};

drawList();
drawLog();
listModels();
