"""Reports: what was counted, for managers, as pages, files and lists."""

from web.reports.files import report_files
from web.reports.lists import report_lists
from web.reports.pages import reports

#: One line for each blueprint of these pages.
REPORT_PAGES = (reports, report_lists, report_files)
