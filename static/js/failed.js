// One card that fails says so in its own place; the others live on.

export function sayFailed(card, error, retry) {
  console.warn(`card ${card.dataset.card}:`, error);
  if (card.querySelector(".card__failed")) return;
  const line = document.createElement("p");
  const button = document.createElement("button");
  line.className = "card__failed";
  button.textContent = "Retry";
  button.addEventListener("click", () => {
    line.remove();
    retry();
  });
  line.append("This card could not be shown. ", button);
  card.append(line);
}
