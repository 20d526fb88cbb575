'use client';

import dynamic from 'next/dynamic';
import type { Environment } from '../../lib/api';
import { useQueryParameter } from '../common/use-query-parameter';
import { Skeleton } from '../ui/skeleton';
import { Tabs, TabsContent, TabsList, TabsTrigger } from '../ui/tabs';
import { EnvironmentJobs } from './environment-jobs';
import { PackagesTab } from './packages-tab';
import { RevisionsTab } from './revisions-tab';
import { UseTab } from './use-tab';

const FilesTab = dynamic(() => import('./files-tab').then((module) => module.FilesTab), {
  ssr: false,
  loading: () => <Skeleton className="h-96 rounded-lg" />,
});

const TABS = [
  ['packages', 'Packages'],
  ['revisions', 'Revisions'],
  ['jobs', 'Jobs'],
  ['files', 'Files'],
  ['use', 'How to use it'],
] as const;

interface EnvironmentTabsProps {
  environment: Environment;
  onAdd: () => void;
}

export function EnvironmentTabs({ environment, onAdd }: EnvironmentTabsProps) {
  const [parameter, setTab] = useQueryParameter('tab');
  const tab = TABS.some(([value]) => value === parameter) ? parameter : 'packages';
  return (
    <Tabs value={tab} onValueChange={(value) => setTab(value === 'packages' ? '' : value)} className="mt-7">
      <TabsList aria-label="About this environment">
        {TABS.map(([value, label]) => (
          <TabsTrigger key={value} value={value}>
            {label}
            {value === 'packages' && environment.package_count !== null ? (
              <span className="figures text-xs font-normal text-faint">{environment.package_count}</span>
            ) : null}
          </TabsTrigger>
        ))}
      </TabsList>
      <TabsContent value="packages">
        <PackagesTab environment={environment} onAdd={onAdd} />
      </TabsContent>
      <TabsContent value="revisions">
        <RevisionsTab environment={environment} />
      </TabsContent>
      <TabsContent value="jobs">
        <EnvironmentJobs environmentId={environment.id} />
      </TabsContent>
      <TabsContent value="files">
        <FilesTab environment={environment} />
      </TabsContent>
      <TabsContent value="use">
        <UseTab environment={environment} />
      </TabsContent>
    </Tabs>
  );
}
