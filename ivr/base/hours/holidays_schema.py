"""The part of a schedule that says what holds on public holidays."""

from ivr.base.hours.model import HolidayRule
from ivr.base.hours.public_holidays import PublicHolidays, is_country, nearest_country, nearest_region, regions_of
from ivr.base.hours.spans import read_spans
from ivr.base.hours.week import read_weekday
from ivr.base.located_yaml import Node, Scalar
from ivr.base.reader import Reader

NONE = "none"
KEYS = ("country", "region", "hours", "worked_weekends")


def read_holidays(reader: Reader, node: Node | None) -> HolidayRule | str | None:
    """`none`, a country whose holidays are closed, or a mapping; None where nothing is said or a fault was noted."""
    if node is None or isinstance(node, Scalar):
        if isinstance(node, Scalar) and node.text.strip().lower() == NONE:
            return NONE
        country = _country(reader, node)
        return HolidayRule(PublicHolidays(country), (), node.place) if country and node else None
    fields = reader.fields(node, "`holidays`", KEYS, required=("country",))
    country = _country(reader, fields.get("country"))
    region = _region(reader, fields.get("region"), country)
    spans = read_spans(reader, fields["hours"], "`holidays`") if "hours" in fields else ()
    weekday = read_weekday(reader, fields.get("worked_weekends"))
    place = fields["hours" if "hours" in fields else "country"].place if country else node.place
    return HolidayRule(PublicHolidays(country, region), spans or (), place, weekday) if country else None


def _country(reader: Reader, node: Node | None) -> str | None:
    if (code := reader.text(node, "the country of the holidays")) is None or node is None:
        return None
    if is_country(code):
        return code
    guess = nearest_country(code)
    reader.fault(node.place, f"there are no public holidays of `{code}`",
                 f"{guess + ' ' if guess else ''}a country is written with its two letters (ISO 3166), such as RU",
                 code="country-unknown")
    return None


def _region(reader: Reader, node: Node | None, country: str | None) -> str | None:
    if country is None or (region := reader.text(node, "the region of the holidays")) is None or node is None:
        return None
    if region in (known := regions_of(country)):
        return region
    remedy = f"{nearest_region(region, country)} its regions: {', '.join(known)}" if known else "take `region` out"
    reader.fault(node.place, f"{country} has no region `{region}` with holidays of its own", remedy.strip(),
                 code="region-unknown")
    return None
