// The charts: <div data-chart="<kind>" data-json="…">, drawn by ECharts in the colors of console.css.

const drawn = new Map();
const milliseconds = value => value == null ? '–' : value === 0 ? '0' : value < 10 ? `${value.toFixed(1)} ms` : value < 999.5 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(2)} s`;
const bound = value => value < 1000 ? `${value} ms` : `${value / 1000} s`;
const pad = number => String(number).padStart(2, '0');
const clock = (at, seconds) => { const d = new Date(at); return `${pad(d.getHours())}:${pad(d.getMinutes())}${seconds ? `:${pad(d.getSeconds())}` : ''}`; };
const slotName = (data, slot) => `${clock(slot.at, data.stepSeconds < 60)}<span class="utc"> · ${new Date(slot.at).toISOString().slice(11, 19)} UTC</span>`;

export function drawCharts() {
  for (const [element, chart] of drawn) {
    if (!element.isConnected) {
      chart.dispose();
      drawn.delete(element);
    }
  }
  for (const element of document.querySelectorAll('[data-chart]')) draw(element);
}

export function redrawCharts() {
  for (const [element, chart] of drawn) {
    chart.dispose();
    drawn.delete(element);
  }
  drawCharts();
}

addEventListener('resize', () => drawn.forEach(chart => chart.resize()));

function draw(element) {
  const data = JSON.parse(element.dataset.json);
  let chart = drawn.get(element);
  if (!chart) {
    chart = echarts.init(element, null, { renderer: 'canvas' });
    drawn.set(element, chart);
    chart.on('click', event => event.data?.url && location.assign(event.data.url));
  }
  chart.setOption(kinds[element.dataset.chart](data, colors()), { notMerge: false, lazyUpdate: true });
}

function colors() {
  // A canvas knows no variables, and a variable does not say which of its two colors it is: an element that has it does.
  const probe = document.body.appendChild(document.createElement('i'));
  const color = name => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const all = { text: color('muted'), strong: color('text'), line: color('line'), panel: color('panel'), p50: color('c1'), p95: color('c2'), p99: color('c3'), good: color('c1'), bad: color('bad'), stages: { accept: color('c6'), broker: color('c2'), buffer: color('c5'), handling: color('c1'), transaction: color('c4'), outbox: color('c7'), retry: color('c3'), dead_letter: color('bad'), unaccounted: color('muted'), other: color('muted') }, heat: [color('heat0'), color('heat1'), color('heat2'), color('heat3')] };
  probe.remove();
  return all;
}

// The orders that ended in a slot, and, if given, within a bucket.
function ordersOf(data, from, to, bucket) {
  const query = new URLSearchParams();
  if (bucket != null && bucket > 0) query.set('minMs', data.boundsMs[bucket - 1]);
  if (bucket != null && bucket < data.boundsMs.length) query.set('maxMs', data.boundsMs[bucket]);
  query.set('endedFrom', new Date(from).toISOString());
  query.set('endedTo', new Date(to).toISOString());
  return `/orders?${query}`;
}
const endOf = (data, slot) => Date.parse(slot.at) + data.stepSeconds * 1000;

const base = c => ({
  animation: false,
  textStyle: { color: c.text, fontFamily: 'inherit' },
  grid: { left: 8, right: 12, top: 26, bottom: 4, containLabel: true },
});
const tooltip = c => ({ backgroundColor: c.panel, borderColor: c.line, textStyle: { color: c.strong, fontSize: 12 }, confine: true });
const timeAxis = (data, c) => ({
  type: 'category',
  data: data.slots.map(slot => clock(slot.at, data.stepSeconds < 60)),
  axisLabel: { color: c.text, hideOverlap: true, fontSize: 11 }, axisLine: { lineStyle: { color: c.line } }, axisTick: { show: false },
});
const valueAxis = (c, format) => ({ type: 'value', min: 0, axisLabel: { color: c.text, formatter: format, fontSize: 11 }, splitLine: { lineStyle: { color: c.line } }, splitNumber: 4 });
const legend = c => ({ top: 0, right: 0, icon: 'roundRect', itemWidth: 12, itemHeight: 3, textStyle: { color: c.text, fontSize: 11 } });
function bucketName(data, bucket) {
  const [from, to] = [data.boundsMs[bucket - 1], data.boundsMs[bucket]];
  if (bucket === 0) return `< ${bound(to)}`;
  if (bucket === data.boundsMs.length) return `≥ ${bound(from)}`;
  // The unit once where it is the same: 750 ms–1 s, but 200–300 ms.
  return to < 1000 || from >= 1000 ? `${bound(from).split(' ')[0]}–${bound(to)}` : `${bound(from)}–${bound(to)}`;
}

// From the first to the last bucket that has an order, so that the rest takes no room.
function usedBuckets(data) {
  const totals = new Array(data.boundsMs.length + 1).fill(0);
  for (const slot of data.slots) slot.buckets?.forEach((count, bucket) => { totals[bucket] += count; });
  const first = totals.findIndex(count => count > 0);
  const last = totals.findLastIndex(count => count > 0);
  return first < 0 ? [] : totals.map((count, bucket) => ({ bucket, count })).slice(Math.max(0, first - 1), last + 2);
}

const kinds = {
  percentiles: (data, c) => ({
    ...base(c),
    legend: legend(c),
    tooltip: {
      ...tooltip(c), trigger: 'axis',
      formatter: points => {
        const slot = data.slots[points[0].dataIndex];
        return `${slotName(data, slot)}<br>P50 <b>${milliseconds(slot.p50Ms)}</b> · P95 <b>${milliseconds(slot.p95Ms)}</b> · P99 <b>${milliseconds(slot.p99Ms)}</b><br>${slot.ended} orders`;
      },
    },
    xAxis: timeAxis(data, c),
    yAxis: valueAxis(c, milliseconds),
    series: [['P50', 'p50Ms', c.p50], ['P95', 'p95Ms', c.p95], ['P99', 'p99Ms', c.p99]].map(([name, field, color]) => ({
      name, type: 'line', symbol: 'circle', symbolSize: 5, showSymbol: data.slots.filter(slot => slot.ended).length < 12, connectNulls: false, color, lineStyle: { width: 1.6 },
      data: data.slots.map(slot => ({ value: slot[field] ?? null, url: ordersOf(data, slot.at, endOf(data, slot)) })),
    })),
  }),

  heat: (data, c) => {
    const rows = usedBuckets(data);
    const cells = data.slots.flatMap((slot, x) => rows.flatMap(({ bucket }, y) =>
      slot.buckets?.[bucket] ? [{ value: [x, y, slot.buckets[bucket]], url: ordersOf(data, slot.at, endOf(data, slot), bucket) }] : []));
    return {
      ...base(c),
      grid: { ...base(c).grid, top: 8 },
      tooltip: { ...tooltip(c), formatter: ({ value: [x, y, count] }) => `${slotName(data, data.slots[x])}<br>${bucketName(data, rows[y].bucket)}: <b>${count}</b> order${count === 1 ? '' : 's'}` },
      xAxis: timeAxis(data, c),
      yAxis: { type: 'category', data: rows.map(({ bucket }) => bucketName(data, bucket)), axisLabel: { color: c.text, fontSize: 11 }, axisLine: { show: false }, axisTick: { show: false }, splitArea: { show: false } },
      visualMap: { show: false, type: 'continuous', min: 0, max: Math.max(1, ...cells.map(cell => cell.value[2])), dimension: 2, inRange: { color: c.heat } },
      series: [{ type: 'heatmap', data: cells, cursor: 'pointer', itemStyle: { borderColor: c.panel, borderWidth: 1 }, emphasis: { itemStyle: { borderColor: c.strong } } }],
    };
  },

  histogram: (data, c) => {
    const rows = usedBuckets(data);
    const [from, to] = [data.slots[0].at, endOf(data, data.slots.at(-1))];
    return {
      ...base(c),
      grid: { ...base(c).grid, top: 8 },
      tooltip: { ...tooltip(c), formatter: ({ name, value }) => `${name}: <b>${value}</b> order${value === 1 ? '' : 's'}` },
      xAxis: { type: 'category', data: rows.map(({ bucket }) => bucketName(data, bucket)), axisLabel: { color: c.text, fontSize: 11, rotate: 35 }, axisLine: { lineStyle: { color: c.line } }, axisTick: { show: false } },
      yAxis: { ...valueAxis(c, value => value), minInterval: 1 },
      series: [{ type: 'bar', color: c.good, barCategoryGap: '12%', cursor: 'pointer', data: rows.map(({ bucket, count }) => ({ value: count, url: ordersOf(data, from, to, bucket) })) }],
    };
  },

  stages: (data, c) => {
    const used = Object.keys(c.stages).filter(kind => data.slots.some(slot => slot.meanMicros?.[kind]));
    return {
      ...base(c),
      legend: { ...legend(c), type: 'scroll', data: used },
      tooltip: {
        ...tooltip(c), trigger: 'axis',
        formatter: points => {
          const slot = data.slots[points[0].dataIndex];
          const parts = used.filter(kind => slot.meanMicros?.[kind]).map(kind => `${kind} <b>${milliseconds(slot.meanMicros[kind] / 1000)}</b>`);
          return `${slotName(data, slot)}<br>${parts.join('<br>')}<br>mean of ${slot.flows} order${slot.flows === 1 ? '' : 's'}`;
        },
      },
      xAxis: timeAxis(data, c),
      yAxis: valueAxis(c, milliseconds),
      // All of them: a series that is not there any more would keep what it had.
      series: Object.keys(c.stages).map(kind => ({
        name: kind, type: 'bar', stack: 'stages', color: c.stages[kind], barCategoryGap: '20%', cursor: 'pointer',
        data: data.slots.map(slot => ({ value: (slot.meanMicros?.[kind] ?? 0) / 1000, url: ordersOf(data, slot.at, endOf(data, slot)) })),
      })),
    };
  },

  throughput: (data, c) => ({
    ...base(c),
    legend: legend(c),
    tooltip: {
      ...tooltip(c), trigger: 'axis',
      formatter: points => { const slot = data.slots[points[0].dataIndex]; return `${slotName(data, slot)}<br><b>${(slot.ended / data.stepSeconds).toFixed(1)}</b> /s · ${slot.ended} ended, ${slot.failed} given up`; },
    },
    xAxis: timeAxis(data, c),
    yAxis: valueAxis(c, value => value),
    series: [['ended', c.good], ['failed', c.bad]].map(([field, color]) => ({
      name: field === 'ended' ? 'ended' : 'given up', type: 'bar', stack: 'flows', color, barCategoryGap: '20%',
      // The last slot is not over yet: its orders are of the time it has had so far.
      data: data.slots.map((slot, index) => ({ value: slot[field] / rateTime(data, slot, index), url: ordersOf(data, slot.at, endOf(data, slot)) })),
    })),
  }),
};

const rateTime = (data, slot, index) => index < data.slots.length - 1 ? data.stepSeconds
  : Math.min(data.stepSeconds, Math.max(1, (Date.parse(data.collectedAt) - Date.parse(slot.at)) / 1000));
