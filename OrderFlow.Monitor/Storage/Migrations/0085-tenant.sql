-- A tenant's orders, the latest first. Events are found through their flow, so that no event pays for an index of its own.
CREATE INDEX flows_tenant_id ON flows (tenant_id, started_at) WHERE tenant_id IS NOT NULL;
