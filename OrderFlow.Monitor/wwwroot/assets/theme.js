// Before anything is drawn: the theme that was chosen here before, or else the system's.
{
  const chosen = localStorage.getItem('orderflow.theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
}
