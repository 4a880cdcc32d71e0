-- Where the time went: the header 'stages' of notification.sent, which says the same whenever it is published.
ALTER TABLE notifications ADD COLUMN stages text;
