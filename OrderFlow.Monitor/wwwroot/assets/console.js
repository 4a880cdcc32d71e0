// The pages are rendered by the server; this keeps them up to date and adds what needs a browser.
import { drawCharts, redrawCharts } from '/assets/charts.js';
import { keepUpToDate } from '/assets/live.js';
import '/assets/local-time.js';

const dark = matchMedia('(prefers-color-scheme: dark)');
const isDark = () => (document.documentElement.dataset.theme ?? (dark.matches ? 'dark' : 'light')) === 'dark';

document.querySelector('[data-theme-switch]')?.addEventListener('click', () => {
  const theme = isDark() ? 'light' : 'dark';
  document.documentElement.dataset.theme = theme;
  localStorage.setItem('orderflow.theme', theme);
  redrawCharts();
});
dark.addEventListener('change', redrawCharts);

document.addEventListener('keydown', event => {
  const typing = event.target.closest('input, select, textarea, [contenteditable]');
  if (event.key === '/' && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const search = document.querySelector('[data-search]');
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  } else if (event.key === 'Escape' && typing?.matches('[data-search]')) {
    typing.blur();
  }
});

document.addEventListener('click', async event => {
  const button = event.target.closest('[data-copy]');
  if (button) {
    const text = document.getElementById(button.dataset.copy).textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(document.getElementById(button.dataset.copy));
      button.textContent = 'Selected';
    }
  }
});

// Empty fields would only lengthen the address that people share.
document.addEventListener('submit', event => {
  if (event.target.method === 'get') {
    for (const field of event.target.elements) field.disabled ||= field.name && field.value === '';
  }
});
addEventListener('pageshow', () => document.querySelectorAll('form[method=get] :disabled').forEach(field => { field.disabled = false; }));

const openNamed = () => {
  const named = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (named instanceof HTMLDetailsElement) {
    named.open = true;
    named.scrollIntoView({ block: 'start' });
  }
};
addEventListener('hashchange', openNamed);
document.addEventListener('click', event => {
  if (event.target.closest('a[href^="#event-"]')) setTimeout(openNamed);
});

openNamed();
drawCharts();
keepUpToDate(drawCharts);
