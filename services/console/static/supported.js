// Before the page is drawn: tells the styles that scripts run, so that nothing moves when they have.
document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) document.body.classList.add("govuk-frontend-supported");
