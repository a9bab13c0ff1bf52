// Makes pages easier where scripts run; every page works without.
import { initAll as initGovuk } from "@govuk-frontend.js";
import { initAll as initMoj } from "@moj-frontend.js";

initGovuk();
initMoj();
