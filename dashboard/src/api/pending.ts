// Routes that the broker has and docs/openapi.json does not say yet.

export interface MyMesh {
  id: string;
  slug: string;
  name: string;
  role: 'member' | 'admin' | 'owner';
  memberId: string;
  memberPub: string;
  displayName: string;
  archivedAt?: string;
  memberCount: number;
}

export interface PendingRoutes {
  'GET /api/my/meshes': { path: null; query: null; body: null; reply: { meshes: MyMesh[] } };
  'PUT /api/my/meshes/{id}': { path: { id: string }; query: null; body: { memberPub: string; at: number; proof: string }; reply: unknown };
}
