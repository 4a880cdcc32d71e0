-- Where a flow's time went: the header `stages` of the event that ended it, as it came. Flows that ended before this have none.
ALTER TABLE flows ADD COLUMN stages text;
