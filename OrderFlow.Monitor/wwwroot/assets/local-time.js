// <local-time datetime="…">UTC</local-time> in the viewer's time zone. The element's own text stays UTC: what the server sends again is no change.
const full = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium' });
const time = new Intl.DateTimeFormat('sv-SE', { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 });

customElements.define('local-time', class extends HTMLElement {
  static observedAttributes = ['datetime'];

  attributeChangedCallback() {
    const at = new Date(this.getAttribute('datetime'));
    if (Number.isNaN(at.getTime())) return;
    const text = this.dataset.style === 'time' ? time.format(at).replace(',', '.') : full.format(at);
    (this.shadowRoot ?? this.attachShadow({ mode: 'open' })).textContent = text;
  }
});
