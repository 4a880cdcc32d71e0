// Keeps the regions marked data-live="<milliseconds>" up to date: the page is asked for again, and where it differs the region is changed.
// What the viewer did to it stays: focus, opened details, scroll.

const Slowest = 15000;

export function keepUpToDate(changed) {
  let failures = 0;

  const period = () => {
    const periods = [...document.querySelectorAll('[data-live]')].map(region => Number(region.dataset.live)).filter(Boolean);
    return periods.length === 0 ? 0 : Math.min(Slowest, Math.min(...periods) * 2 ** failures);
  };

  const refresh = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(location.href, { headers: { accept: 'text/html' }, signal: AbortSignal.timeout(10000) });
      if (answer.redirected) {
        // The token is another one now, or a search has found its order.
        location.assign(answer.url);
        return;
      }
      if (!answer.ok && answer.status !== 404) throw new Error(`status ${answer.status}`);
      const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const [old, now] = [document.querySelectorAll('[data-live]'), fresh.querySelectorAll('[data-live]')];
      old.forEach((region, index) => now[index] && morph(region, now[index]));
      failures = 0;
      stale(null);
      changed();
    } catch {
      failures++;
      stale(`Not up to date: the Monitor does not answer. Last answer at ${new Date(lastAnswer).toLocaleTimeString()}.`);
    }
  };

  let lastAnswer = Date.now();
  const stale = text => {
    const banner = document.querySelector('[data-stale]');
    if (!text) lastAnswer = Date.now();
    banner.hidden = !text;
    banner.textContent = text ?? '';
  };

  const loop = async () => {
    await refresh();
    const next = period();
    if (next > 0) setTimeout(loop, next);
  };

  if (period() > 0) setTimeout(loop, period());
  document.addEventListener('visibilitychange', () => { if (!document.hidden) refresh(); });
}

// Makes one element like the other, by as few changes as positions and ids allow.
function morph(old, now) {
  if (old.isEqualNode(now)) return;
  for (const { name } of [...old.attributes]) {
    if (!now.hasAttribute(name) && !isViewers(old, name)) old.removeAttribute(name);
  }
  for (const { name, value } of now.attributes) {
    if (old.getAttribute(name) !== value && !isViewers(old, name)) old.setAttribute(name, value);
  }
  if (old.hasAttribute('data-chart')) return;

  const known = new Map([...old.children].filter(child => child.id).map(child => [child.id, child]));
  let place = old.firstChild;
  for (const wanted of [...now.childNodes]) {
    const named = wanted.id && known.get(wanted.id);
    if (named) {
      if (named === place) place = place.nextSibling;
      else old.insertBefore(named, place);
      morph(named, wanted);
    } else if (place && place.nodeName === wanted.nodeName && !place.id && !wanted.id) {
      if (place.nodeType === Node.ELEMENT_NODE) morph(place, wanted);
      else if (place.data !== wanted.data) place.data = wanted.data;
      place = place.nextSibling;
    } else {
      old.insertBefore(document.importNode(wanted, true), place);
    }
  }
  while (place) {
    const gone = place;
    place = place.nextSibling;
    gone.remove();
  }
}

// What the viewer or a chart has set, not the server.
const isViewers = (element, name) =>
  (name === 'open' && element.nodeName === 'DETAILS') || ((name === 'style' || name.startsWith('_echarts')) && element.hasAttribute('data-chart'));
