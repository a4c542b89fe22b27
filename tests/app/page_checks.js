// What must hold for a page as it is shown right now, in the manner of axe: a list of what does not.
(language => {
  const problems = [];
  const shown = element => element.checkVisibility({checkOpacity: false, checkVisibilityCSS: true});
  const name = element => {
    const words = (element.innerText || element.textContent || '').trim().replace(/\s+/g, ' ').slice(0, 40);
    return `<${element.tagName.toLowerCase()} class="${element.getAttribute('class') || ''}"> ${words}`;
  };
  const tell = (element, what) => problems.push(`${name(element)}: ${what}`);
  const all = selector => [...document.body.querySelectorAll(selector)].filter(shown);

  // One language at a time.
  for (const element of all(`[lang=${language === 'en' ? 'ja' : 'en'}]`)) tell(element, 'another language');

  // Nothing sticks out, but for what scrolls in a box of its own.
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) problems.push('the page scrolls sideways');
  for (const element of all('*')) {
    const box = element.getBoundingClientRect();
    const out = box.width > 0 && (box.right > width + 1 || box.left < -1);
    if (out && !element.closest('.scroll')) tell(element, `from ${box.left} to ${box.right} of ${width}`);
  }
  for (const text of all('svg.plot text')) {
    const box = text.getBoundingClientRect(), frame = text.ownerSVGElement.getBoundingClientRect();
    const inside = box.left > frame.left - 1 && box.right < frame.right + 1 && box.top > frame.top - 1 &&
                   box.bottom < frame.bottom + 1;
    if (!inside) tell(text, 'is cut by its chart');
  }
  // Numbers along an axis do not touch.
  for (const chart of all('svg')) {
    const row = [...chart.querySelectorAll('text[text-anchor=middle]')].filter(text => !text.hasAttribute('transform'));
    for (let i = 1; i < row.length; ++i) {
      const one = row[i - 1].getBoundingClientRect(), two = row[i].getBoundingClientRect();
      if (Math.abs(one.top - two.top) < 2 && one.right > two.left) tell(row[i], 'lies on its neighbour');
    }
  }

  // Contrast of each text with what is behind it (WCAG 2.1, 1.4.3).
  const rgb = colour => colour.match(/[\d.]+/g).map(Number);
  const luminance = colour => {
    const [r, g, b] = rgb(colour).map(c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor, alpha = rgb(colour)[3];
      if (alpha === undefined || alpha > 0.99) return colour;
    }
    return 'rgb(255,255,255)';
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !shown(element) || element.closest('title,desc,style')) continue;
    const style = getComputedStyle(element), size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const light = [element.closest('svg') ? style.fill : style.color, ground(element)].map(luminance);
    const ratio = (Math.max(...light) + 0.05) / (Math.min(...light) + 0.05);
    if (ratio < (large ? 3 : 4.5)) tell(element, `contrast ${ratio.toFixed(2)}`);
  }

  // Everything has a name for those who do not see it.
  for (const image of all('img')) if (!image.alt) tell(image, 'no alt');
  for (const image of all('img')) if (!image.naturalWidth) tell(image, 'is broken');
  for (const chart of all('svg')) {
    const named = chart.getAttribute('role') === 'img' && chart.querySelector(':scope > title')?.textContent;
    if (chart.getAttribute('aria-hidden') !== 'true' && !named) tell(chart, 'has no name');
  }
  for (const input of all('input')) if (!input.ariaLabel && !input.labels.length) tell(input, 'no label');
  for (const section of all('section')) {
    const title = document.getElementById(section.getAttribute('aria-labelledby'));
    if (!title || !title.innerText.trim()) tell(section, 'no title');
  }
  for (const link of all('a')) {
    const target = link.getAttribute('href');
    if (!link.innerText.trim()) tell(link, 'no text');
    if (target.startsWith('#') && !document.getElementById(target.slice(1))) tell(link, 'leads nowhere');
  }
  for (const table of all('table')) {
    const heads = [...table.querySelectorAll('th')];
    if (!heads.length || heads.some(head => !head.scope)) tell(table, 'heads without a scope');
    if (!table.caption?.innerText.trim()) tell(table, 'no caption');
  }
  // Who comes to a box by the keyboard hears what it is, and which of several.
  const boxes = all('[tabindex]'), labels = boxes.map(box => box.ariaLabel);
  for (const [i, box] of boxes.entries()) {
    if (box.getAttribute('role') !== 'region' || !labels[i]) tell(box, 'has the focus and no name');
    if (labels.indexOf(labels[i]) !== i) tell(box, `another box is "${labels[i]}" too`);
  }
  for (const list of all('ul')) if ([...list.children].some(e => e.tagName !== 'LI')) tell(list, 'not only items');
  const ids = [...document.querySelectorAll('[id]')].map(element => element.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) problems.push(`id ${id} is there twice`);
  let level = 0;
  for (const heading of all('h1,h2,h3,h4')) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1) tell(heading, 'skips a level');
    level = next;
  }
  if (document.querySelectorAll('h1').length !== 1) problems.push('not one h1');

  // Fingers need 24 pixels (WCAG 2.2, 2.5.8).
  const targets = matchMedia('print').matches ? [] : all('nav a, .languages label, summary, .button');
  for (const target of targets) {
    if (target.getBoundingClientRect().height < 24) tell(target, 'is too flat for a finger');
  }
  return problems;
})
